"""Who may do what: every action of the public face, by every role, on one's own and on another's."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import get_ident
from typing import Any

import pytest
from sqlalchemy import event

import rota
from rota.app import rights, status, updates
from rota.app.administration_handles import AuditLog, Locks, Users
from rota.app.background_jobs import BackgroundJobs
from rota.app.configuration_handles import Configurations
from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.app.rights import RIGHTS, Who
from rota.app.scheduled_handles import ScheduledJobHandle, ScheduledJobs
from rota.model.acts import Act
from rota.model.errors import (
    EngineNotActive,
    JobNotFound,
    KeyInUse,
    NotPermitted,
    RotaError,
    UserNotFound,
    WrongState,
)
from rota.plan import Allowed
from rota.testing import make_configuration
from tests.support.command_line import ROOT
from tests.support.shop import Shop

ROLES = {"administrator": "the built-in one", "root": "another administrator", "ann": "a user"}
ANN, BOB = "ann", "bob"
REPORT = "shop_jobs:report"


@dataclass
class World:
    """A database with a job and a token of ann's and of bob's, both users; `admin` is an administrator's platform."""

    url: str
    admin: Platform
    jobs: dict[str, str]


@dataclass
class Turn:
    """Somebody's platform, on which they try what belongs to `user`."""

    platform: Platform
    user: str
    world: World

    @property
    def id(self) -> str:
        return self.world.jobs[self.user]

    @property
    def job(self) -> Job:
        return Job(self.platform._context, self.id)

    def scheduled(self, name: str) -> ScheduledJobHandle:
        return ScheduledJobHandle(self.platform._context, self.world.admin.scheduled_jobs.get(name)._seen)


@dataclass(frozen=True)
class Row:
    """An action of the public face; `who` may do it."""

    name: str
    who: Who
    do: Callable[[Turn], Any]


def unlock(turn: Turn) -> None:
    if not turn.world.admin.locks.list():
        turn.world.admin.locks.lock("jobs", reason="x")
    turn.platform.locks.unlock("jobs")


def hold(turn: Turn) -> None:
    with turn.platform.locks.hold("jobs", reason="x"):
        pass


def engine(turn: Turn) -> None:
    with turn.platform.engine():
        pass


def sign_in_with_token(turn: Turn) -> None:
    made = turn.world.admin.users.create_token(turn.user, "another")
    turn.platform.users.sign_in_with_token(made.text)


def apply_plan(turn: Turn) -> None:
    file = Path(turn.world.url.removeprefix("sqlite:///")).with_name("plan")
    turn.world.admin.configurations.plan(QUICKSTART, code=False, out=file)
    turn.platform.configurations.apply_plan(file, code=False)


def follow(turn: Turn) -> None:
    with suppress(EngineNotActive):
        next(turn.job.follow())


def remove(turn: Turn) -> None:
    with suppress(WrongState):
        turn.job.remove()


ALL, OWN, ADMIN = Who.EVERYBODY, Who.OWNER, Who.ADMINISTRATORS
QUICKSTART = ROOT / "configurations" / "quickstart"
SHOP = make_configuration({"x": {"command": ["true"]}}, name="another")

MATRIX = [
    Row("BackgroundJobs.start", ALL, lambda turn: turn.platform.background_jobs.start(REPORT, {"who": "x"})),
    Row(
        "BackgroundJobs.start_many", ALL, lambda turn: turn.platform.background_jobs.start_many(REPORT, [{"who": "x"}])
    ),
    Row("BackgroundJobs.start_command", ADMIN, lambda turn: turn.platform.background_jobs.start_command(["true"])),
    Row("BackgroundJobs.check", ALL, lambda turn: turn.platform.background_jobs.check(REPORT)),
    Row("BackgroundJobs.get", OWN, lambda turn: turn.platform.background_jobs.get(turn.id)),
    Row("BackgroundJobs.list", ALL, lambda turn: turn.platform.background_jobs.list()),
    Row("BackgroundJobs.wait", OWN, lambda turn: turn.platform.background_jobs.wait([turn.id], timeout=0)),
    Row("BackgroundJobs.map", ALL, lambda turn: turn.platform.background_jobs.map(REPORT, [{"who": "x"}])),
    Row("Job.children", ALL, lambda turn: turn.job.children()),
    Row("Job.receive", OWN, lambda turn: list(turn.job.receive())),
    Row("Job.follow", OWN, follow),
    Row("Job.remove", OWN, remove),
    Row("Job.refresh", OWN, lambda turn: turn.job.refresh()),
    Row("Job.records", OWN, lambda turn: turn.job.records()),
    Row("Job.cancel", OWN, lambda turn: turn.job.cancel()),
    Row("Job.wait", OWN, lambda turn: turn.job.wait(timeout=0)),
    Row("ScheduledJobs.get", ADMIN, lambda turn: turn.platform.scheduled_jobs.get("rates")),
    Row("ScheduledJobs.find", ADMIN, lambda turn: turn.platform.scheduled_jobs.find()),
    Row(
        "ScheduledJobs.create",
        ADMIN,
        lambda turn: turn.platform.scheduled_jobs.create("report", name="x", user=turn.user),
    ),
    Row("ScheduledJobHandle.refresh", ADMIN, lambda turn: turn.scheduled("rates").refresh()),
    Row("ScheduledJobHandle.set", ADMIN, lambda turn: turn.scheduled("rates").set(use=False)),
    Row("ScheduledJobHandle.reset", ADMIN, lambda turn: turn.scheduled("rates").reset()),
    Row("ScheduledJobHandle.start", ADMIN, lambda turn: turn.scheduled("mine").start()),
    Row("ScheduledJobHandle.delete", ADMIN, lambda turn: turn.scheduled("mine").delete()),
    Row("Configurations.list", ADMIN, lambda turn: turn.platform.configurations.list()),
    Row("Configurations.history", ADMIN, lambda turn: turn.platform.configurations.history()),
    Row("Configurations.diff", ADMIN, lambda turn: turn.platform.configurations.diff(1)),
    Row("Configurations.export", ADMIN, lambda turn: turn.platform.configurations.export()),
    Row("Configurations.drift", ADMIN, lambda turn: turn.platform.configurations.drift()),
    Row("Configurations.plan", ADMIN, lambda turn: turn.platform.configurations.plan(QUICKSTART, code=False)),
    Row("Configurations.apply", ADMIN, lambda turn: turn.platform.configurations.apply(QUICKSTART, code=False)),
    Row("Configurations.apply_plan", ADMIN, apply_plan),
    Row("Configurations.rollback", ADMIN, lambda turn: turn.platform.configurations.rollback(1, code=False)),
    Row("Users.add", ADMIN, lambda turn: turn.platform.users.add("eve")),
    Row("Users.get", OWN, lambda turn: turn.platform.users.get(turn.user)),
    Row("Users.list", ALL, lambda turn: turn.platform.users.list()),
    Row("Users.set_role", ADMIN, lambda turn: turn.platform.users.set_role(turn.user, "administrator")),
    Row("Users.set_password", OWN, lambda turn: turn.platform.users.set_password(turn.user, "correct horse")),
    Row("Users.disable", ADMIN, lambda turn: turn.platform.users.disable(turn.user)),
    Row("Users.enable", ADMIN, lambda turn: turn.platform.users.enable(turn.user)),
    Row("Users.create_token", OWN, lambda turn: turn.platform.users.create_token(turn.user, "new")),
    Row("Users.tokens", OWN, lambda turn: turn.platform.users.tokens(turn.user)),
    Row("Users.revoke_token", OWN, lambda turn: turn.platform.users.revoke_token(turn.user, "ci")),
    Row("Users.sign_in", ADMIN, lambda turn: turn.platform.users.sign_in(BOB, "battery staple")),
    Row("Users.sign_in_with_token", ADMIN, sign_in_with_token),
    Row("Locks.list", ALL, lambda turn: turn.platform.locks.list()),
    Row("Locks.lock", ADMIN, lambda turn: turn.platform.locks.lock("jobs", reason="x")),
    Row("Locks.unlock", ADMIN, unlock),
    Row("Locks.hold", ADMIN, hold),
    Row("AuditLog.list", ADMIN, lambda turn: turn.platform.audit.list(by=turn.user)),
    Row("Platform.process_jobs", ADMIN, lambda turn: turn.platform.process_jobs(limit=1)),
    Row("Platform.engine", ADMIN, engine),
    Row("status.status", ALL, lambda turn: status.status(turn.platform._context)),
    Row("updates.plan_all", ADMIN, lambda turn: updates.plan_all(turn.platform._context, [SHOP], Allowed())),
    Row("updates.apply_all", ADMIN, lambda turn: updates.apply_all(turn.platform._context, [SHOP], Allowed())),
]

FACES = (
    Platform,
    BackgroundJobs,
    Job,
    ScheduledJobs,
    ScheduledJobHandle,
    Configurations,
    Users,
    Locks,
    AuditLog,
)

NO_ACTS = {
    "Platform.close": "it does nothing to the database",
    "Job.to_data": "it says what was read before",
    "ScheduledJobHandle.to_data": "it says what was read before",
    "ScheduledJobHandle.next_occurrences": "it computes from what was read before",
}


def test_no_action_of_the_public_face_is_forgotten() -> None:
    actions = {
        f"{face.__name__}.{name}"
        for face in FACES
        for name, member in vars(face).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, classmethod | staticmethod))
    }
    named = {row.name for row in MATRIX if row.name[0].isupper()}
    assert actions == named | NO_ACTS.keys()


def test_every_face_of_a_platform_is_looked_at(world: World) -> None:
    faces = {type(value) for name, value in vars(world.admin).items() if not name.startswith("_")}
    assert faces < set(FACES)


@pytest.fixture(scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, dict[str, str]]]:
    """The file of the world's database, and its jobs: made once and copied for every test."""
    from rota.app.methods import _load

    folder = tmp_path_factory.mktemp("world")
    shop = Shop(folder, f"sqlite:///{folder}/rota.db")
    shop.apply()
    with rota.connect(shop.database) as admin:
        admin.users.add("root", role="administrator")
        for name in (ANN, BOB):
            admin.users.add(name, password="battery staple")
            admin.users.create_token(name, "ci")
        admin.scheduled_jobs.create("report", name="mine", parameters={"who": "x"}, user=ANN)
    jobs = {}
    for name in (ANN, BOB):
        with rota.connect(shop.database, user=name) as platform:
            jobs[name] = platform.background_jobs.start(REPORT, {"who": name}, name="report").id
    yield (folder / "rota.db").read_bytes(), jobs
    _load.cache_clear()


@pytest.fixture
def world(_template: tuple[bytes, dict[str, str]], tmp_path: Path) -> Iterator[World]:
    content, jobs = _template
    (tmp_path / "rota.db").write_bytes(content)
    url = f"sqlite:///{tmp_path}/rota.db"
    with rota.connect(url) as admin:
        yield World(url, admin, jobs)


def refusal(world: World, user: str, row: Row, target: str) -> RotaError | None:
    """What somebody is told who does this; None: it is done."""
    with rota.connect(world.url, user=user) as platform:
        try:
            row.do(Turn(platform, target, world))
        except (NotPermitted, JobNotFound) as error:
            return error
    return None


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
@pytest.mark.parametrize("user", ROLES)
def test_who_may_do_it(world: World, user: str, row: Row) -> None:
    own, other = (ANN, BOB) if user == ANN else (BOB, ANN)
    may_own = user != ANN or row.who is not Who.ADMINISTRATORS
    may_other = user != ANN or row.who is Who.EVERYBODY
    first = refusal(world, user, row, other)
    assert (first is None) == may_other
    if first is not None:
        assert isinstance(first, JobNotFound if row.who is Who.OWNER and "Job" in row.name else NotPermitted)
    if not may_other:  # else it has been done, and may not be possible twice
        assert (refusal(world, user, row, own) is None) == may_own


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.name)
def test_no_action_takes_a_connection_beside_another(world: World, row: Row) -> None:
    """Many callers at once, as a web server has them, would wait for each other once none is left."""
    at_once: Counter[int] = Counter()
    most = 0

    def taken(*_: object) -> None:
        nonlocal most
        at_once[get_ident()] += 1
        most = max(most, at_once[get_ident()])

    def given_back(*_: object) -> None:
        at_once[get_ident()] -= 1

    with rota.connect(world.url) as platform:
        pool = platform._context.store._engine.pool
        event.listen(pool, "checkout", taken)
        event.listen(pool, "checkin", given_back)
        platform._context.seen.role = None
        row.do(Turn(platform, ANN, world))
    assert most == 1


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("user", ROLES)
def test_the_rights_of_every_act(world: World, user: str, act: Act) -> None:
    with rota.connect(world.url, user=user) as platform:
        for owner in (ANN, BOB, None):
            whose = {Who.EVERYBODY: True, Who.OWNER: owner == user, Who.ADMINISTRATORS: False}[RIGHTS[act]]
            if user != ANN or whose:
                rights.require(platform._context, act, owner=owner)
                continue
            with pytest.raises(NotPermitted) as caught:
                rights.require(platform._context, act, owner=owner)
            assert (caught.value.user, caught.value.act) == (user, act)


def test_every_act_has_its_right() -> None:
    assert RIGHTS.keys() == set(Act)
    for_users = {act for act, who in RIGHTS.items() if who is not Who.ADMINISTRATORS}
    assert {act.partition(".")[0] for act in for_users} == {"job", "lock", "user", "token", "status"}
    assert RIGHTS[Act.JOB_START_COMMAND] is Who.ADMINISTRATORS


# What users see


def test_a_user_sees_their_own_jobs_only(world: World) -> None:
    with rota.connect(world.url, user=ANN) as platform:
        jobs = platform.background_jobs
        assert [job.id for job in jobs.list()] == [world.jobs[ANN]]
        assert jobs.get("report").id == world.jobs[ANN], "the newest of that name is bob's"
        with pytest.raises(JobNotFound, match="no background job"):
            jobs.wait([world.jobs[ANN], world.jobs[BOB]], timeout=0)
        seen = status.status(platform._context)
        assert (seen.background_jobs, seen.scheduled_jobs, seen.configurations) == ({"queued": 1}, [], [])
        assert [user.name for user in platform.users.list()] == [ANN]
        assert [(token.user, token.name) for token in platform.users.tokens()] == [(ANN, "ci")]
    assert {job.id for job in world.admin.background_jobs.list()} == set(world.jobs.values())


def test_a_prefix_that_another_user_shares_is_not_ambiguous(world: World) -> None:
    shared = next(n for n in range(33) if world.jobs[ANN][:n] != world.jobs[BOB][:n]) - 1
    with rota.connect(world.url, user=ANN) as platform:
        assert platform.background_jobs.get(world.jobs[ANN][: max(shared, 0)]).id == world.jobs[ANN]


def test_a_job_runs_as_who_started_it_and_a_scheduled_one_as_its_user(world: World) -> None:
    assert world.admin.background_jobs.get(world.jobs[BOB]).to_data()["user"] == BOB
    made = world.admin.scheduled_jobs.create("report", name="for-ann", parameters={"who": "x"}, user=ANN).start()
    assert made.to_data()["user"] == ANN
    with rota.connect(world.url, user=ANN) as platform:
        assert platform.background_jobs.get(made.id).name == "for-ann", "it is hers"
    with rota.connect(world.url, user=BOB) as platform, pytest.raises(JobNotFound):
        platform.background_jobs.get(made.id)


def test_the_holder_of_a_key_is_shown_to_its_owner_only(world: World) -> None:
    with rota.connect(world.url, user=BOB) as platform:
        holder = platform.background_jobs.start(REPORT, {"who": "secret"}, key="k").id
        assert platform.background_jobs.start(REPORT, {"who": "x"}, key="k", on_conflict="skip").id == holder
    with rota.connect(world.url, user=ANN) as platform, pytest.raises(KeyInUse) as caught:
        platform.background_jobs.start(REPORT, {"who": "x"}, key="k", on_conflict="skip")
    assert caught.value.holder == holder


# Who acts


def test_nobody_acts_as_a_user_who_is_not_there(world: World) -> None:
    with pytest.raises(UserNotFound, match="there is no user 'eve'") as caught:
        rota.connect(world.url, user="eve")
    assert caught.value.user == "eve"


def test_a_disabled_user_does_nothing_from_then_on(world: World) -> None:
    with rota.connect(world.url, user=ANN) as platform, closing(Platform(fresh(platform))) as later:
        later.background_jobs.list()
        world.admin.users.disable(ANN, reason="left")
        later._context.seen.mark -= 2 * rights.FRESH_SECONDS  # as time does
        for act in (later.background_jobs.list, lambda: later.background_jobs.start(REPORT, {"who": "x"})):
            with pytest.raises(NotPermitted, match="user 'ann' may not act: the user is disabled") as caught:
                act()
            assert (caught.value.user, caught.value.act) == (ANN, None)
    with pytest.raises(NotPermitted):
        rota.connect(world.url, user=ANN)
    world.admin.users.enable(ANN)
    rota.connect(world.url, user=ANN).close()


def fresh(platform: Platform) -> Any:
    """A context like the platform's that has seen nothing yet."""
    return replace(platform._context)


def test_an_administrator_who_is_one_no_longer_learns_it_at_once(world: World) -> None:
    with rota.connect(world.url, user="root") as platform:
        platform.users.list()
        world.admin.users.set_role("root", "user")
        with pytest.raises(NotPermitted):
            platform.users.add("eve")
        assert [user.name for user in platform.users.list()] == ["root"]


def test_who_acts_for_another_has_the_rights_of_that_one(world: World) -> None:
    rights.require_user(world.admin._context)
    hers = replace(world.admin._context, user=ANN)
    with pytest.raises(NotPermitted):
        rights.require(hers, Act.LOCK_TAKE)
    assert rights.sees_only(hers) == ANN
    assert rights.sees_only(world.admin._context) is None


def test_a_new_database_is_made_by_the_built_in_administrator_only(tmp_path: Path) -> None:
    shop = Shop(tmp_path, f"sqlite:///{tmp_path}/rota.db")
    done = shop.rota("apply", "shop", "--user", "ann", code=3)
    assert "there is no user 'ann'" in done.stderr
    assert not (tmp_path / "rota.db").exists()
    shop.rota("apply", "shop", "--user", "administrator")
