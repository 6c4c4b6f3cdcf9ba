"""What a start rests on is what is in force at its moment, on every database, though nobody asks for it before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pytest
from sqlalchemy import create_engine, text

from rota.app.context import Context
from rota.app.deciding import Outdated
from rota.app.facade import Platform
from rota.app.start_options import Start
from rota.app.starting import Starter
from rota.model.acts import Act
from rota.model.errors import MethodNotAllowed, NotPermitted, UsageError
from rota.store import Store
from rota.store.bulk import as_instant
from rota.testing import SettableClock, apply_configuration, make_store
from tests.support.statements import statements

FILL, QUOTE = "textwrap:fill", "shlex:quote"
WORDS = {"text": "words"}
ANN = "ann"

Started: TypeAlias = "Callable[[Platform], object]"


def in_a_transaction_of_ones_own(platform: Platform) -> object:
    engine = create_engine(platform._context.store.full_url)
    try:
        with engine.begin() as connection:
            return platform.background_jobs.start(FILL, WORDS, connection=connection)
    finally:
        engine.dispose()


STARTS: dict[str, Started] = {
    "start": lambda platform: platform.background_jobs.start(FILL, WORDS),
    "start with a key": lambda platform: platform.background_jobs.start(FILL, WORDS, key="k"),
    "start with an id": lambda platform: platform.background_jobs.start(FILL, WORDS, id="i"),
    "start in a transaction of one's own": in_a_transaction_of_ones_own,
    "start_many": lambda platform: platform.background_jobs.start_many(FILL, [WORDS] * 2),
    "start_many with keys": lambda platform: platform.background_jobs.start_many(FILL, [WORDS], keys=["m"]),
    "map": lambda platform: platform.background_jobs.map(FILL, ["words"]),
}
EVERY_START = pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)


@pytest.fixture
def admin(store: Store) -> Platform:
    made = Platform(Context(store, SettableClock(), "administrator"))
    made.users.add(ANN, role="administrator")
    configure(made)
    return made


@pytest.fixture
def anns(admin: Platform) -> Platform:
    """A client that has started a job a minute ago."""
    made = Platform(Context(admin._context.store, SettableClock(), ANN))
    made.background_jobs.start(FILL, WORDS)
    made._context.clock.advance(60)  # type: ignore[attr-defined]
    return made


def configure(platform: Platform, modules: Sequence[str] = ("textwrap",), **header: Any) -> None:
    """Apply a configuration of this name, or the next revision of it."""
    context = platform._context
    apply_configuration(context.store, {}, now=context.now(), modules=list(modules), **header)


def count(platform: Platform) -> int:
    return len(platform.background_jobs.list(children=True))


def test_a_lone_start_is_one_statement_where_that_is_possible(anns: Platform) -> None:
    store = anns._context.store
    with statements(store) as seen:
        anns.background_jobs.start(FILL, WORDS)
    assert len(seen) == (3 if store.is_sqlite else 1), "the grounds, the job and the act"


@EVERY_START
def test_a_user_who_is_disabled_starts_nothing_from_then_on(admin: Platform, anns: Platform, start: Started) -> None:
    admin.users.disable(ANN, reason="left")
    before = count(admin)
    with pytest.raises(NotPermitted, match="user 'ann' may not act: the user is disabled"):
        start(anns)
    assert count(admin) == before
    admin.users.enable(ANN)
    start(anns)
    assert count(admin) > before


def test_an_administrator_who_is_one_no_longer_starts_no_command(admin: Platform, anns: Platform) -> None:
    anns.background_jobs.start_command(["true"])
    admin.users.set_role(ANN, "user")
    before = count(admin)
    with pytest.raises(NotPermitted, match="it is for administrators"):
        anns.background_jobs.start_command(["true"])
    with pytest.raises(NotPermitted, match="it is for administrators"):
        anns.background_jobs.start_command([])
    assert count(admin) == before
    anns.background_jobs.start(FILL, WORDS)


@EVERY_START
def test_a_module_that_is_no_longer_allowed_is_not_called(admin: Platform, anns: Platform, start: Started) -> None:
    configure(admin, ["shlex"])
    before = count(admin)
    with pytest.raises(MethodNotAllowed):
        start(anns)
    assert count(admin) == before
    assert anns.background_jobs.start(QUOTE, {"s": "allowed since"}).state == "queued"


@EVERY_START
def test_a_job_comes_into_the_configuration_and_the_queue_that_are_its_now(
    admin: Platform, anns: Platform, start: Started
) -> None:
    configure(admin, name="another", executors={"process": {"kind": "process", "workers": 1}})
    start(anns)
    assert queues(admin) == {"another/process"}, "the first by name that allows the module"


def queues(platform: Platform) -> set[str]:
    """Where the jobs after the first one wait."""
    with platform._context.store.read() as tx:
        after_the_first = "sequence > (SELECT min(sequence) FROM rota_background_job)"
        return set(tx.execute(text(f"SELECT queue FROM rota_background_job WHERE {after_the_first}")).scalars())


@EVERY_START
def test_a_database_that_took_the_place_of_another_is_not_taken_for_it(
    admin: Platform, anns: Platform, start: Started
) -> None:
    """One restored from a copy, or made anew, may be at the same revision."""
    with admin._context.store.write() as tx:
        modules, at = """'["shlex"]'""", anns._context.now()
        tx.execute(
            text(f"UPDATE rota_configuration SET modules = {modules}, applied_at = :at"), {"at": as_instant(tx, at)}
        )
    with pytest.raises(MethodNotAllowed):
        start(anns)


def test_an_executor_that_is_gone_is_refused_and_a_new_one_taken(admin: Platform, anns: Platform) -> None:
    configure(admin, executors={"crawl": {"kind": "thread", "workers": 1}})
    assert anns.background_jobs.start(FILL, WORDS, executor="crawl").state == "queued"
    configure(admin)
    with pytest.raises(UsageError, match="no executor 'crawl'"):
        anns.background_jobs.start(FILL, WORDS, executor="crawl")


@pytest.mark.parametrize("changes", [1, 99])
def test_a_start_that_an_update_overtakes_is_decided_anew_but_not_for_ever(admin: Platform, changes: int) -> None:
    starter = Starter(admin._context)
    decided: list[Any] = []

    def overtaken(known: Any) -> Any:
        prepared = starter.prepare(known, FILL, [WORDS], Start())
        if len(decided) < changes:
            configure(admin, description=str(len(decided)))
        decided.append(prepared)
        return prepared

    if changes == 1:
        starter.decide(Act.JOB_START, overtaken, starter.store)
        assert len(decided) == 2
        assert count(admin) == 1
    else:
        with pytest.raises(Outdated, match="changed all the time"):
            starter.decide(Act.JOB_START, overtaken, starter.store)
        assert count(admin) == 0


def test_a_transaction_that_does_not_see_what_is_in_force_cannot_start(postgres_url: str) -> None:
    store = make_store(postgres_url)
    admin = Platform(Context(store, SettableClock(), "administrator"))
    configure(admin)
    engine = create_engine(store.full_url, isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        connection.exec_driver_sql("SELECT 1 FROM rota_user")
        configure(admin, description="since")
        admin.background_jobs.start(FILL, WORDS)
        with pytest.raises(Outdated, match="does not see how they are now"):
            admin.background_jobs.start(FILL, WORDS, connection=connection)
    assert count(admin) == 1
    engine.dispose()
    store.close()
