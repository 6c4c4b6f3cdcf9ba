"""The way to the database: one `Store` per process, read and write transactions, and the differences of databases.

SQLite: write-ahead log, `synchronous=FULL` (a commit survives a power cut), `BEGIN IMMEDIATE` for writes, so that a
transaction never fails half-way for want of the lock; writers of one process queue in memory instead of in SQLite's
own busy loop, which sleeps. PostgreSQL: read committed, row locks where a function says so.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import NoSuchModuleError

from rota.model.errors import DatabaseUnavailable, UsageError
from rota.runtime.forking import watch_forks
from rota.store.bell import ring
from rota.store.columns import from_json, to_json
from rota.store.driver import DriverTransaction, DriverTransactions
from rota.store.failures import in_our_words
from rota.store.urls import busy_seconds, listening, parse, patience

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

    from rota.store.audience import Audience

Transaction = Connection
"""What the functions of this room work in: an open transaction. Other rooms pass it on and never look inside."""

IDLE_SECONDS = 60.0
"""How long PostgreSQL lets a transaction of ours stay open in which nothing happens, unless an engine says less."""

NEVER = 0.0
"""Instead of that: for the transactions of methods, which last as long as their methods."""

WRITES = "rota_writes"
"""The option of the transactions that `Store.write` begins."""

RINGS = "rota_rings"
"""The option of a transaction that has the engine of an SQLite database woken after the commit: with which words."""

_READS: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""PostgreSQL's way to see one state of the database in several statements; the begin of a transaction says it."""


class Store:
    """The database at `url`. Cheap to make: nothing is opened before the first transaction."""

    def __init__(self, url: str, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._url, self.listens = listening(parse(url))
        self._idle_seconds = idle_seconds
        self.url = self._url.render_as_string(hide_password=True)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.file = Path(os.path.realpath(str(self._url.database))) if self.is_sqlite else None
        """The database file of SQLite, with links resolved; None for a server."""
        self.audience: Audience | None = None
        """Those who wait for jobs of a server; the wake-ups make it."""
        self._opened: tuple[int, int] | None = None
        """Which file of SQLite's was opened: its device and inode."""
        self._one_writer = threading.Lock()
        self._engine = self._make_engine()
        self._by_driver = DriverTransactions(self._engine)
        self._parents_pools: list[Any] = []
        watch_forks(self)

    def apart(self) -> Store:
        """The same database, by connections that nobody else uses. Writers of SQLite take turns with those of this one.

        Who asks the same all the time finds the statements prepared there: one is prepared for its connection alone.
        """
        other = Store(self.full_url, idle_seconds=self._idle_seconds)
        other._one_writer = self._one_writer
        return other

    @property
    def full_url(self) -> str:
        """The URL with its password, for another process of ours. Never shown."""
        return self._url.render_as_string(hide_password=False)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the database and writes nothing."""
        self._look_at_file()
        with in_our_words(self.url), self._engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(**_READS)
            yield connection
            # What is rolled back, the driver for PostgreSQL takes for a reason to forget every prepared statement.
            connection.commit()

    @contextmanager
    def glance(self) -> Iterator[Transaction]:
        """For one statement that reads: a server is asked without a transaction around it, in a third of the time."""
        with self.read() if self.is_sqlite else self._autocommit() as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """A transaction that is committed at the end, or not at all."""
        self._look_at_file()
        with in_our_words(self.url), self._turn_to_write(), self._engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection
            words = connection.get_execution_options().get(RINGS)
            if words and self.file is not None:
                ring(self.file, words)

    @contextmanager
    def _autocommit(self) -> Iterator[Transaction]:
        with in_our_words(self.url), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def write_by_driver(self, *, rings: str | None = None) -> Iterator[DriverTransaction]:
        """For what is written most: without SQLAlchemy, and a server commits each statement by itself.

        That is a quarter of the exchanges. On SQLite several statements are one transaction; its engine is woken with
        the word `rings`, if there is one.
        """
        self._look_at_file()
        with in_our_words(self.url), self._turn_to_write():
            with self._by_driver.transaction() as tx:
                yield tx
            if self.file is not None and rings is not None:
                ring(self.file, [rings])

    def _turn_to_write(self) -> AbstractContextManager[object]:
        return self._one_writer if self.is_sqlite else nullcontext()

    def _look_at_file(self) -> None:
        """Let go of a file of SQLite's that is not the one at its path any more: what is written there is lost.

        Raises `DatabaseUnavailable` while there is none.
        """
        if self._opened is None or self._opened == (here := inode_of(self.file)):
            return
        self.close()
        if here is None:
            raise DatabaseUnavailable(f"database {self.url}: its file is gone")
        self._opened = None

    def _note_opened(self, _connection: Any, _record: object) -> None:
        self._opened = self._opened or inode_of(self.file)

    def raw_connection(self) -> Any:
        """A driver connection of one's own, outside the pool."""
        with in_our_words(self.url):
            pooled = self._engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        return connection

    def end_transactions_when_idle(self, seconds: float) -> None:
        """Have PostgreSQL end a transaction of ours, from here on, in which nothing has happened for so long.

        A process that is frozen, or whose machine has lost the network, cannot end it by itself. The row locks that it
        has would keep everybody else waiting: above all those who are to find it lost.
        """
        if seconds != self._idle_seconds:
            self._idle_seconds = seconds
            self.close()  # the connections that are there know another limit

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._by_driver.close()
        self._by_driver = DriverTransactions(self._engine)
        self._engine.dispose()

    def forked(self) -> None:
        """In a forked process: open connections of its own. The parent's are kept, since closing them would harm it."""
        self._parents_pools += (self._engine.pool, self._by_driver)
        self._by_driver = DriverTransactions(self._engine)
        self._engine.dispose(close=False)
        self._one_writer = threading.Lock()

    def __reduce__(self) -> NoReturn:
        raise TypeError("connections cannot be sent to another process: call rota.connect() there")

    def exists(self) -> bool:
        """Whether there is anything to open: for SQLite, whether the file is there."""
        return self.file is None or self.file.exists()

    @cached_property
    def asynchronous_engine(self) -> AsyncEngine:
        """For methods that are coroutines. It keeps no connection, because a loop may end with its method."""
        url = self._url.set(drivername="sqlite+aiosqlite") if self.is_sqlite else self._url
        try:
            from sqlalchemy.ext.asyncio import create_async_engine

            engine = create_async_engine(url, **self._options(), poolclass=NullPool)
        except ImportError as error:
            raise UsageError(f"`async with` needs more to be installed ({error}); install rota[async]") from error
        self._prepare(engine.sync_engine)
        return engine

    def _make_engine(self) -> Any:
        options = self._options()
        if not self.is_sqlite:
            # The connection used last has the statements prepared. We have no hstore: asking for it is four exchanges.
            options |= {"pool_size": 10, "max_overflow": 10, "pool_use_lifo": True, "use_native_hstore": False}
        try:
            engine = create_engine(self._url, **options)
        except (ImportError, NoSuchModuleError) as error:
            raise UsageError(
                f"database {self.url}: its driver is not installed ({error}); install rota[postgresql]"
            ) from error
        self._prepare(engine)
        return engine

    def _options(self) -> dict[str, Any]:
        if self.is_sqlite:
            arguments: dict[str, Any] = {"timeout": busy_seconds(self._url), "check_same_thread": False}
        else:
            arguments = patience(self._url)
        return {"json_serializer": to_json, "json_deserializer": from_json, "connect_args": arguments}

    def _prepare(self, engine: Engine) -> None:
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "connect", self._note_opened)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "connect", self._prepare_postgresql)

    def _prepare_postgresql(self, connection: Any, _record: object) -> None:
        """Limit idle transactions, and tell the planner that what we read by an index costs no seek of a disk's head.

        By its default it reads a table of ten thousand jobs whole to find the hundred that a pass names. Instants come
        in UTC, so that none has to be converted.
        """
        limit = f"idle_in_transaction_session_timeout = {round(self._idle_seconds * 1000)}"
        connection.execute(f"SET {limit}; SET random_page_cost = 1.1; SET TimeZone = 'UTC'")
        connection.commit()


def inode_of(file: Path | None) -> tuple[int, int] | None:
    """What distinguishes the file from another at its path; None where there is none.

    2 us before each transaction: a sixth of an empty one, a hundredth of a start.
    """
    try:
        found = os.stat(file or "")  # noqa: PTH116 -- before every transaction, in half the time
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Transactions are begun by us: the driver's own implicit BEGIN comes too late and is never IMMEDIATE.
    connection.isolation_level = None
    try:
        _use_write_ahead_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()  # nobody else would: the pool forgets a connection that could not be prepared
        raise


def _use_write_ahead_log(connection: Any) -> None:
    """Switch to the write-ahead log. SQLite does not wait by itself where several programs open a new file at once."""
    patience = threading.Event()
    for tries_left in range(_LOG_TRIES, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            patience.wait(_LOG_PAUSE_SECONDS)
        else:
            return


_LOG_TRIES = 100
_LOG_PAUSE_SECONDS = 0.02


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
