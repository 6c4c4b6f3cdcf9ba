"""Wake-ups: how an engine learns at once that another process changed the database.

Only a hint, never the truth: whoever is woken looks into the tables. PostgreSQL notifies. SQLite has a version counter
that costs a few microseconds to read, and its engine a bell.
"""

from __future__ import annotations

import threading
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable
from rota.runtime.stopping import stop_if_abandoned
from rota.store.bell import Bell
from rota.store.connection import RINGS, WRITES, Changes, Store, Transaction

CHANNEL = "rota"

SQLITE_EVERY_SECONDS = 0.02
"""How often the version counter is read by somebody who has no bell."""

SQLITE_WITH_BELL_SECONDS = 0.1
"""How often by an engine that has one: for what is committed by others than Rota. Each look costs 0.1 ms or so."""

POSTGRESQL_WAIT_SECONDS = 0.25
"""How long one wait for a notification lasts, so that a stopping engine is not kept waiting."""


class Change(StrEnum):
    """What may have changed."""

    JOBS = "jobs"
    """Background jobs were added, and nothing else happened: most of what an engine hears."""
    ANYTHING = "anything"


def wake_engines(tx: Transaction, change: Change = Change.ANYTHING) -> None:
    """Have engines look again once this transaction is committed. Several calls in one transaction make one wake-up."""
    if tx.dialect.name == "postgresql":
        tx.execute(_NOTIFY[change])
        return
    options = (
        tx.get_execution_options()
    )  # a caller's own transaction is not ours to mark: its commit is seen, not heard
    if WRITES in options and options.get(RINGS) != _sound(Change.ANYTHING):
        tx.execution_options(**{RINGS: _sound(change)})


def _sound(change: Change) -> bytes:
    return change[:1].encode()


_NOTIFY = {change: text(f"NOTIFY {CHANNEL}, '{change}'") for change in Change}


class Wakeups(Protocol):
    """A way to wait for changes made by others."""

    def wait(self) -> Change | None:
        """Wait a moment; returns what may have changed, if anything."""
        ...

    def close(self) -> None: ...


def wakeups_of(store: Store) -> Wakeups:
    """The way that fits the database, for whoever waits for a job."""
    return _SqliteWakeups(store.file) if store.file is not None else _PostgresqlWakeups(store)


def engine_wakeups_of(store: Store) -> Wakeups:
    """The same for the engine."""
    return _SqliteEngineWakeups(store.file) if store.file is not None else _PostgresqlWakeups(store)


class _SqliteWakeups:
    def __init__(self, file: Path) -> None:
        self._changes = Changes(file)
        self._closed = threading.Event()

    def wait(self) -> Change | None:
        stop_if_abandoned()
        self._closed.wait(SQLITE_EVERY_SECONDS)
        return self._look()

    def _look(self) -> Change | None:
        return Change.ANYTHING if not self._closed.is_set() and self._changes.seen_one() else None

    def close(self) -> None:
        self._closed.set()
        self._changes.close()


class _SqliteEngineWakeups(_SqliteWakeups):
    """Hears the bell; where there can be none, it looks as often as anybody."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._bell = Bell(file)
        self._hangs: bool | None = None

    def wait(self) -> Change | None:
        if self._hangs is None:
            self._hangs = self._bell.hang()
        if not self._hangs:
            return super().wait()
        heard = set(self._bell.hear(SQLITE_WITH_BELL_SECONDS))
        if heard:
            return Change.JOBS if heard == set(_sound(Change.JOBS)) else Change.ANYTHING
        return self._look()

    def close(self) -> None:
        super().close()
        self._bell.take_down()


class _PostgresqlWakeups:
    """A connection of its own that listens; made anew, with one wake-up for what was missed, when it breaks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None

    def wait(self) -> Change | None:
        import psycopg

        stop_if_abandoned()
        try:
            if self._connection is None:
                self._connection = self._listen()
                return Change.ANYTHING
            heard = {each.payload for each in self._connection.notifies(timeout=POSTGRESQL_WAIT_SECONDS, stop_after=1)}
        except psycopg.Error as error:
            self.close()
            raise DatabaseUnavailable(f"database {self._store.url}: {' '.join(str(error).split())}") from error
        if not heard:
            return None
        return Change.JOBS if heard == {Change.JOBS} else Change.ANYTHING

    def _listen(self) -> Any:
        connection = self._store.raw_connection()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
