"""Wake-ups: how an engine learns at once that another process changed the database.

Only a hint, never the truth: whoever is woken looks into the tables. PostgreSQL notifies; SQLite has a version counter
that costs a few microseconds to read.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable
from rota.runtime.stopping import stop_if_abandoned
from rota.store.connection import Changes, Store, Transaction

CHANNEL = "rota"

SQLITE_EVERY_SECONDS = 0.02
"""How often the version counter is read."""

POSTGRESQL_WAIT_SECONDS = 0.25
"""How long one wait for a notification lasts, so that a stopping engine is not kept waiting."""


def wake_engines(tx: Transaction) -> None:
    """Have engines look again once this transaction is committed. Several calls in one transaction make one wake-up."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {CHANNEL}"))


class Wakeups(Protocol):
    """A way to wait for changes made by others."""

    def wait(self) -> bool:
        """Wait a moment; returns whether anything may have changed."""
        ...

    def close(self) -> None: ...


def wakeups_of(store: Store) -> Wakeups:
    """The way that fits the database."""
    return _SqliteWakeups(store.file) if store.file is not None else _PostgresqlWakeups(store)


class _SqliteWakeups:
    def __init__(self, file: Path) -> None:
        self._changes = Changes(file)
        self._closed = threading.Event()

    def wait(self) -> bool:
        stop_if_abandoned()
        self._closed.wait(SQLITE_EVERY_SECONDS)
        return not self._closed.is_set() and self._changes.seen_one()

    def close(self) -> None:
        self._closed.set()
        self._changes.close()


class _PostgresqlWakeups:
    """A connection of its own that listens; made anew, with one wake-up for what was missed, when it breaks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None

    def wait(self) -> bool:
        import psycopg

        stop_if_abandoned()
        try:
            if self._connection is None:
                self._connection = self._listen()
                return True
            return any(True for _ in self._connection.notifies(timeout=POSTGRESQL_WAIT_SECONDS, stop_after=1))
        except psycopg.Error as error:
            self.close()
            raise DatabaseUnavailable(f"database {self._store.url}: {' '.join(str(error).split())}") from error

    def _listen(self) -> Any:
        connection = self._store.raw_connection()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
