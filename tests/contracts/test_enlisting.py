"""Jobs inside somebody else's transaction: there if and only if it commits, and engines are woken by the commit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

import rota
from rota.app import async_facade
from rota.app.facade import Platform
from rota.model import errors
from rota.store import Store
from rota.store.waiters import waiter_of
from tests.support.shop import Shop, shop_in_this_process
from tests.support.waiting import wait_for

REPORT, ANNA = "shop_jobs:report", {"who": "Anna"}


@pytest.fixture
def shop(tmp_path: Path, database_url: str) -> Iterator[Shop]:
    with shop_in_this_process(tmp_path, database_url) as made:
        yield made


@pytest.fixture
def platform(shop: Shop) -> Iterator[Platform]:
    with rota.connect(shop.database) as connected:
        yield connected


@pytest.fixture(params=["as it comes", "with BEGIN said by us"])
def theirs(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Engine]:
    """The engine of a program of its own, with a table of its own. SQLite's driver is used in both usual ways."""
    engine = create_engine(shop.database)
    if request.param != "as it comes" and engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, _: setattr(connection, "isolation_level", None))
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customer (name TEXT)"))
    yield engine
    engine.dispose()


def names(platform: Platform) -> list[str]:
    return [job.name for job in platform.background_jobs.list()]


def customers(theirs: Engine) -> list[str]:
    with theirs.connect() as connection:
        return list(connection.execute(text("SELECT name FROM customer")).scalars())


@pytest.mark.parametrize("order", ["job first", "row first"])
def test_a_job_is_there_with_the_callers_row_or_not_at_all(platform: Platform, theirs: Engine, order: str) -> None:
    start = platform.background_jobs.start
    for outcome in ("rollback", "commit"):
        with theirs.connect() as connection:
            if order == "row first":
                connection.execute(text("INSERT INTO customer VALUES ('Anna')"))
            job = start(REPORT, ANNA, key="k", connection=connection)
            platform.background_jobs.start_many(REPORT, [ANNA, ANNA], connection=connection)
            if order == "job first":
                connection.execute(text("INSERT INTO customer VALUES ('Anna')"))
            assert names(platform) == []
            assert job.state == "queued"
            getattr(connection, outcome)()
        assert (len(names(platform)), len(customers(theirs))) == ((3, 1) if outcome == "commit" else (0, 0))


def test_sessions(platform: Platform, theirs: Engine) -> None:
    with Session(theirs) as session:
        session.execute(text("INSERT INTO customer VALUES ('Anna')"))
        platform.background_jobs.start(REPORT, ANNA, connection=session)
        session.rollback()
        assert names(platform) == []
        platform.background_jobs.start(REPORT, ANNA, name="kept", connection=session)
        session.commit()
    registry = scoped_session(sessionmaker(theirs))
    platform.background_jobs.start(REPORT, ANNA, name="scoped", connection=registry)
    registry.commit()
    registry.remove()
    assert names(platform) == ["scoped", "kept"]


def test_what_is_refused_leaves_the_callers_work_alone(platform: Platform, theirs: Engine) -> None:
    platform.background_jobs.start(REPORT, ANNA, key="k", id="holder")
    with theirs.begin() as connection:
        connection.execute(text("INSERT INTO customer VALUES ('Anna')"))
        with pytest.raises(errors.KeyInUse):
            platform.background_jobs.start_many(REPORT, [ANNA, ANNA], keys=["free", "k"], connection=connection)
        with pytest.raises(errors.BadParameters):
            platform.background_jobs.start(REPORT, {}, connection=connection)
        with pytest.raises(errors.IdInUse):
            platform.background_jobs.start(REPORT, ["Bert"], id="holder", connection=connection)
    assert customers(theirs) == ["Anna"]
    assert len(names(platform)) == 1


def test_engines_are_woken_by_the_commit_and_not_before(platform: Platform, theirs: Engine) -> None:
    store: Store = platform._context.store
    wakeups = waiter_of(store)
    wait_for(wakeups.wait, "the first look")
    with theirs.begin() as connection:
        platform.background_jobs.start(REPORT, ANNA, connection=connection)
        assert not any(wakeups.wait() for _ in range(2))
    wait_for(wakeups.wait, "the wake-up")
    wakeups.close()


def test_the_wrong_database_is_refused(platform: Platform, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path}/other.db")
    with other.begin() as connection, pytest.raises(errors.UsageError, match="it must be one database"):
        platform.background_jobs.start(REPORT, ANNA, connection=connection)
    with Session() as unbound, pytest.raises(errors.UsageError, match="the session has no connection to give"):
        platform.background_jobs.start(REPORT, ANNA, connection=unbound)
    other.dispose()
    memory = create_engine("sqlite://")
    with memory.begin() as connection, pytest.raises(errors.UsageError, match="it must be one database"):
        platform.background_jobs.start(REPORT, ANNA, connection=connection)
    memory.dispose()


def test_another_database_of_the_same_server_is_refused(
    platform: Platform, shop: Shop, request: pytest.FixtureRequest
) -> None:
    if shop.database.startswith("sqlite"):
        url = f"sqlite:///{shop.folder}/copy.db"
        (shop.folder / "copy.db").write_bytes((shop.folder / "rota.db").read_bytes())
    else:
        url = request.getfixturevalue("_postgres").url()
    other = create_engine(url)
    with other.begin() as connection, pytest.raises(errors.UsageError, match="it must be one database"):
        platform.background_jobs.start(REPORT, ANNA, connection=connection)
    other.dispose()


def test_what_is_no_connection_of_sqlalchemy_is_refused(platform: Platform, tmp_path: Path) -> None:
    class OfAnotherLibrary:
        """Django's has its driver's in `connection`."""

        def __init__(self) -> None:
            self.connection = sqlite3.connect(tmp_path / "other.db")

    other = OfAnotherLibrary()
    for given in (other, other.connection):
        with pytest.raises(errors.UsageError, match=f"SQLAlchemy Connection or Session, not {type(given).__name__}"):
            platform.background_jobs.start(REPORT, ANNA, connection=given)  # type: ignore[arg-type]
    other.connection.close()


def test_a_connection_that_commits_by_itself_is_refused(platform: Platform, theirs: Engine) -> None:
    with (
        theirs.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(errors.UsageError, match="AUTOCOMMIT"),
    ):
        platform.background_jobs.start(REPORT, ANNA, connection=connection)


# Asynchronous ones


@pytest.mark.parametrize("outcome", ["commit", "rollback"])
def test_asynchronous_connections_and_sessions(theirs: Engine, shop: Shop, outcome: str) -> None:
    async def main() -> None:
        engine = create_async_engine(shop.database.replace("sqlite:", "sqlite+aiosqlite:"))
        async with rota.aconnect(shop.database) as platform:
            start, start_many = platform.background_jobs.start, platform.background_jobs.start_many
            async with engine.connect() as connection:
                job = await start(REPORT, ANNA, key="k", connection=connection)
                await connection.execute(text("INSERT INTO customer VALUES ('Anna')"))
                assert await start_many(REPORT, [ANNA], connection=connection)
                assert type(job) is async_facade.AsyncJob
                await getattr(connection, outcome)()
            async with AsyncSession(engine) as session:
                await start(REPORT, ANNA, connection=session)
                await getattr(session, outcome)()
            assert len(customers(theirs)) == (1 if outcome == "commit" else 0)
            jobs = await platform.background_jobs.list()
            assert len(jobs) == (3 if outcome == "commit" else 0)
            async with engine.begin() as connection:
                with pytest.raises(errors.UnknownMethod):
                    await start("shop_jobs:nothing", connection=connection)
        await engine.dispose()

    asyncio.run(main())


def test_the_synchronous_client_refuses_them(shop: Shop, platform: Platform) -> None:
    async def main() -> None:
        engine = create_async_engine(shop.database.replace("sqlite:", "sqlite+aiosqlite:"))
        async with engine.connect() as connection:
            with pytest.raises(errors.UsageError, match=r"AsyncConnection is asynchronous: use rota.aconnect"):
                platform.background_jobs.start(REPORT, ANNA, connection=connection)  # type: ignore[arg-type]
        await engine.dispose()

    asyncio.run(main())
