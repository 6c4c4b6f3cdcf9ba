"""Fixtures for every test: a fresh database each. The PostgreSQL server starts with its first use."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

import pytest
from hypothesis import settings

from rota.store import Store
from rota.testing import make_store
from tests.support.postgres import PostgresServer, SharedDatabase
from tests.support.stored import empty


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--thorough", action="store_true", help="check in full what is usually checked in part: for hours")
    parser.addoption(
        "--examples", type=int, metavar="N", help="how long state machines run, each time others (few, the same)"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Zones are those that Rota uses: of the distribution `tzdata`, not of this machine.
    reset_tzpath(())
    ZoneInfo.clear_cache()
    # A shell starts what runs in its background deaf to Ctrl-C, and children inherit that: those of tests must hear.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.register_profile("thorough", deadline=None, derandomize=False, max_examples=2000, print_blob=True)
    if config.getoption("thorough"):
        settings.load_profile("thorough")


@pytest.fixture(scope="session", autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing is left behind in the home of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def _postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def postgres_server(_postgres: PostgresServer) -> PostgresServer:
    """The session's PostgreSQL server, running; a test may stop, kill and restart it."""
    _postgres.start()  # the test before may have left it down
    return _postgres


@pytest.fixture(scope="session")
def _postgres_database(_postgres: PostgresServer) -> SharedDatabase:
    _postgres.start()
    return SharedDatabase(_postgres)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, _postgres_database: SharedDatabase) -> str:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database."""
    url = _postgres_database.hand_over()
    _postgres_database.clear()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The SQLAlchemy URL of a fresh, empty database; a test that takes it runs once per kind of database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/rota.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def _postgres_upgraded(_postgres: PostgresServer) -> SharedDatabase:
    """A PostgreSQL database with Rota's tables."""
    _postgres.start()
    shared = SharedDatabase(_postgres)
    make_store(shared.hand_over()).close()
    return shared


@pytest.fixture(scope="session")
def _sqlite_upgraded(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of an SQLite database with Rota's tables: copying it is quicker than making one."""
    file = tmp_path_factory.mktemp("upgraded") / "rota.db"
    make_store(f"sqlite:///{file}").close()
    return file.read_bytes()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open database with Rota's tables and nothing in them; a test that takes it runs once per kind of database."""
    if request.param == "sqlite":
        file = tmp_path / "rota.db"
        file.write_bytes(request.getfixturevalue("_sqlite_upgraded"))
        store = Store(f"sqlite:///{file}")
    else:
        request.getfixturevalue("postgres_server")  # running, whatever the test before did to it
        # Who would wait for ever for a lock fails instead.
        store = Store(request.getfixturevalue("_postgres_upgraded").hand_over() + "&options=-clock_timeout%3D30s")
        empty(store)
    yield store
    store.close()
