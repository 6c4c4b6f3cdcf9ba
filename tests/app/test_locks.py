"""Locks through the public face, on every database: taking, freeing, holding, and the exclusive one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from rota.app.context import Context
from rota.app.facade import Platform
from rota.app.locks import Held
from rota.model.errors import Locked, LockLost, NotPermitted, StillRunning, UsageError, WrongState
from rota.model.lock import Lock
from rota.model.states import State
from rota.model.transitions import Next
from rota.model.users import Role
from rota.runtime.clock import SystemClock
from rota.store import Store, transitions
from rota.store import users as user_rows
from rota.store.engine_lock import EngineLock
from rota.store.locks import beat
from tests.support.stored import add_node, claim, ending, insert, new_job
from tests.support.waiting import wait_for

LONG = 60.0


def now() -> datetime:
    return SystemClock().now()


@pytest.fixture
def connect(store: Store) -> Callable[[str], Platform]:
    return lambda user: Platform(Context(store, SystemClock(), user))


@pytest.fixture
def platform(connect: Callable[[str], Platform]) -> Platform:
    return connect("administrator")


@pytest.fixture
def other(store: Store, connect: Callable[[str], Platform]) -> Platform:
    """Another administrator's."""
    with store.write() as tx:
        user_rows.add(tx, "root", Role.ADMINISTRATOR, None, now())
    return connect("root")


@pytest.fixture
def engine(store: Store) -> Iterator[str]:
    """A node that is there, as far as the database and the operating system say."""
    with ExitStack() as stack:
        if store.file is not None:
            lock = EngineLock(store.file)
            lock.take({})
            stack.callback(lock.release)
        yield add_node(store, started_at=now(), seen_at=now(), lease=LONG)


def acts(platform: Platform) -> list[tuple[str, str, str, str | None]]:
    return [(each.user, each.act, each.subject, each.reason) for each in platform.audit.list()][::-1]


def test_a_lock_names_its_holder_to_whoever_wants_it(platform: Platform, other: Platform) -> None:
    until = now() + timedelta(hours=1)
    taken = platform.locks.lock("scheduled-jobs", reason="a new disk", until=until)
    assert (taken.holder, taken.reason, taken.until, taken.owner) == ("administrator", "a new disk", until, None)
    for each in (other, platform):
        with pytest.raises(
            Locked, match=r"scheduled-jobs is locked by administrator since .*, until .*: a new disk"
        ) as e:
            each.locks.lock("scheduled-jobs", reason="me too")
        assert e.value.lock == taken
    assert other.locks.list() == [taken]
    assert other.locks.unlock("scheduled-jobs", reason="it was done") == taken, "an administrator frees anybody's"
    with pytest.raises(WrongState, match="nobody holds the lock 'scheduled-jobs'"):
        platform.locks.unlock("scheduled-jobs")
    assert platform.locks.list() == []
    assert acts(platform) == [
        ("administrator", "lock.take", "scheduled-jobs", "a new disk"),
        ("root", "lock.free", "scheduled-jobs", "it was done"),
    ]


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("nonsense", {}, "there is no lock 'nonsense'; there are scheduled-jobs, jobs, exclusive"),
        ("configuration", {}, "there is no lock"),
        ("exclusive", {}, "as long as its holder lives"),
        ("jobs", {"reason": " "}, "needs a reason"),
        ("jobs", {"until": datetime(2020, 1, 1, tzinfo=UTC)}, "is over already"),
        ("jobs", {"until": datetime(2099, 1, 1)}, "needs a time zone"),  # noqa: DTZ001 -- the point of it
    ],
)
def test_what_cannot_be_locked(platform: Platform, name: str, values: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        platform.locks.lock(name, **{"reason": "x", **values})  # type: ignore[arg-type]
    assert platform.locks.list() == []
    assert acts(platform) == []


@pytest.mark.parametrize("lease", [0, -1, 301])
def test_a_lease_has_its_bounds(platform: Platform, lease: float) -> None:
    with pytest.raises(UsageError, match="a lease lasts"), platform.locks.hold("jobs", reason="x", lease=lease):
        pass


@pytest.mark.parametrize("name", ["scheduled-jobs", "jobs", "exclusive"])
def test_a_lock_is_held_while_inside(platform: Platform, other: Platform, name: str) -> None:
    with platform.locks.hold(name, reason="x") as held:
        assert [each.name for each in other.locks.list()] == [name]
        held.check()
        with pytest.raises(Locked), other.locks.hold(name, reason="y", lease=LONG):
            pass
        assert [each.owner for each in other.locks.list()] == [held.lock.owner], "who was refused freed nothing"
    assert other.locks.list() == []


def test_a_lock_is_freed_when_what_it_guards_fails(platform: Platform) -> None:
    with pytest.raises(ValueError, match="no"), platform.locks.hold("jobs", reason="x"):
        raise ValueError("no")
    assert platform.locks.list() == []


def test_a_lock_that_is_taken_away_is_missed(platform: Platform, other: Platform) -> None:
    def work(held: Held) -> None:
        other.locks.unlock("jobs")
        other.locks.lock("jobs", reason="mine now")
        with pytest.raises(LockLost):
            held.check()
        assert held.lost.is_set()

    with pytest.raises(LockLost, match="the lock 'jobs' was lost"), platform.locks.hold("jobs", reason="x") as held:
        work(held)
    assert [each.holder for each in platform.locks.list()] == ["root"], "the next one's is left alone"


def test_a_lost_lock_is_noticed_without_a_look(platform: Platform, other: Platform) -> None:
    def work(held: Held) -> None:
        other.locks.unlock("jobs")
        assert held.lost.wait(30)

    with pytest.raises(LockLost), platform.locks.hold("jobs", reason="x", lease=0.3) as held:
        work(held)


def test_the_holder_goes_on_saying_that_it_lives(platform: Platform) -> None:
    with platform.locks.hold("jobs", reason="x", lease=0.1):
        wait_for(lambda: platform.locks.list()[0].beat > 3, "beats")


def test_a_lock_that_outlives_its_time_is_lost(platform: Platform) -> None:
    def work() -> None:
        wait_for(lambda: not platform.locks.list(), "the end of its time")

    with pytest.raises(LockLost), platform.locks.hold("jobs", reason="x", until=now() + timedelta(seconds=0.2)):
        work()


# The exclusive lock


def test_the_exclusive_lock_is_had_once_no_job_runs(platform: Platform, store: Store, engine: str) -> None:
    insert(store, new_job())
    (lease,) = claim(store, engine)
    had = threading.Event()

    def hold() -> None:
        with platform.locks.hold("exclusive", reason="x"):
            had.set()

    holding = threading.Thread(target=hold)
    holding.start()
    wait_for(platform.locks.list, "the lock to be taken")
    insert(store, new_job())
    assert claim(store, engine) == [], "no job starts meanwhile"
    assert not had.is_set()
    with store.write() as tx:
        transitions.end_attempts(tx, [ending(lease, Next(state=State.COMPLETED, restarts=0), engine)])
    assert had.wait(30)
    holding.join(30)
    assert len(claim(store, engine)) == 1


def test_the_exclusive_lock_is_given_back_when_jobs_go_on(platform: Platform, store: Store, engine: str) -> None:
    insert(store, new_job())
    (lease,) = claim(store, engine)
    with pytest.raises(StillRunning) as caught, platform.locks.hold("exclusive", reason="x", timeout=0.1):
        pass
    assert caught.value.jobs == (lease.attempt.job,)
    assert str(caught.value) == f"1 job runs after 0.1 s still: {lease.attempt.job}; the lock was given back"
    assert platform.locks.list() == []


def test_a_run_that_a_dead_engine_left_behind_is_not_waited_for(platform: Platform, store: Store) -> None:
    add_node(store, "dead", seen_at=now() - timedelta(hours=1))
    insert(store, new_job())
    claim(store, "dead")
    with platform.locks.hold("exclusive", reason="x", timeout=5):
        pass


def test_who_waits_for_the_exclusive_lock_learns_that_it_was_taken_away(
    platform: Platform, other: Platform, store: Store, engine: str
) -> None:
    insert(store, new_job())
    claim(store, engine)
    told: list[type[Exception]] = []

    def hold() -> None:
        try:
            with platform.locks.hold("exclusive", reason="x", lease=0.3, timeout=LONG):
                pass
        except LockLost:
            told.append(LockLost)

    holding = threading.Thread(target=hold)
    holding.start()
    wait_for(platform.locks.list, "the lock to be taken")
    other.locks.unlock("exclusive")
    holding.join(30)
    assert told == [LockLost]


# Holders that die


def take_and_die(platform: Platform, lease: float, since: float = 0) -> Lock:
    """Take the exclusive lock and say no more; the last word was `since` seconds ago."""
    from rota.app import locks

    new = locks._new(platform._context, "exclusive", "x", None, lease)
    return locks._take_now(platform._context, replace(new, seen_at=now() - timedelta(seconds=since)))


def test_where_no_engine_frees_it_the_next_one_watches_a_silent_holder(platform: Platform) -> None:
    take_and_die(platform, lease=0.1, since=3600)
    with platform.locks.hold("exclusive", reason="y") as held:
        assert [each.owner for each in platform.locks.list()] == [held.lock.owner]


def test_a_holder_that_speaks_again_while_it_is_watched_keeps_its_lock(store: Store, platform: Platform) -> None:
    silent = take_and_die(platform, lease=1, since=3600)
    told: list[type[Exception]] = []

    def want() -> None:
        try:
            with platform.locks.hold("exclusive", reason="y"):
                pass
        except Locked:
            told.append(Locked)

    wanting = threading.Thread(target=want)
    wanting.start()
    while wanting.is_alive():
        with store.write() as tx:
            beat(tx, silent.name, silent.owner or "", now())
        wanting.join(0.1)
    assert told == [Locked]


def test_a_holder_that_was_seen_lately_is_not_even_watched(platform: Platform) -> None:
    take_and_die(platform, lease=300)
    with pytest.raises(Locked), platform.locks.hold("exclusive", reason="y"):
        pass


def test_where_an_engine_is_there_a_silent_holder_is_left_to_it(platform: Platform, engine: str) -> None:
    take_and_die(platform, lease=300, since=3600)
    with pytest.raises(Locked), platform.locks.hold("exclusive", reason="y"):
        pass


def test_a_user_takes_and_frees_no_lock(store: Store, connect: Callable[[str], Platform]) -> None:
    with store.write() as tx:
        user_rows.add(tx, "ann", Role.USER, None, now())
    hers = connect("ann")
    with pytest.raises(NotPermitted):
        hers.locks.lock("jobs", reason="x")
    with pytest.raises(NotPermitted), hers.locks.hold("exclusive", reason="x"):
        pass
    assert hers.locks.list() == []
