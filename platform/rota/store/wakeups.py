"""Wake-ups: how an engine, or somebody who waits for a job, learns at once that another process changed the database.

Only a hint, never the truth: whoever is woken looks into the tables. PostgreSQL notifies; SQLite has a version counter
that costs a few microseconds to read. Where neither may be used (`?listen=off` in the URL, for poolers that know no
LISTEN), they look every now and then.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable
from rota.runtime.stopping import stop_if_abandoned
from rota.store.connection import Changes, Store, Transaction

FOR_ENGINES, FOR_WAITERS, OF_WAITERS = "rota", "rota_jobs", "rota_waiting"
"""The channels: what engines must look at; what those who wait for jobs hear; and that somebody waits at all."""

SQLITE_EVERY_SECONDS = 0.02
"""How often the version counter is read."""

LONGEST_WAIT_SECONDS = 0.25
"""How long one wait lasts, so that a stopping engine is not kept waiting, and the pause between looks without."""


def wake_engines(tx: Transaction) -> None:
    """Have engines look again once this transaction is committed. Several calls in one transaction make one wake-up."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {FOR_ENGINES}"))


def wake_waiters(tx: Transaction) -> None:
    """Have those who wait for jobs look again once this transaction is committed. Engines have the herald for it."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {FOR_WAITERS}"))


Heard: TypeAlias = frozenset[str]
NOTHING: Heard = frozenset()


class Wakeups(Protocol):
    """A way to wait for changes made by others."""

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        """Wait a moment, of no more than `at_most` seconds; returns the channels where anything may have changed."""
        ...

    def say_waiting(self) -> None:
        """Tell engines that somebody waits, where they would not tell of ends otherwise; it holds for a few seconds."""

    def close(self) -> None: ...


def wakeups_of(store: Store, *channels: str) -> Wakeups:
    """The way that fits the database."""
    wanted = frozenset(channels)
    if not store.listens:
        return _Polling(wanted)
    return _SqliteWakeups(store.file, wanted) if store.file is not None else _PostgresqlWakeups(store, wanted)


class _Polling:
    def __init__(self, channels: Heard) -> None:
        self._channels = channels
        self._closed = threading.Event()

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        stop_if_abandoned()
        return NOTHING if self._closed.wait(min(at_most, LONGEST_WAIT_SECONDS)) else self._channels

    def say_waiting(self) -> None:
        """Nothing is told to those who only look."""

    def close(self) -> None:
        self._closed.set()


class _SqliteWakeups:
    def __init__(self, file: Path, channels: Heard) -> None:
        self._channels = channels
        self._changes = Changes(file)
        self._closed = threading.Event()

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        stop_if_abandoned()
        self._closed.wait(min(at_most, SQLITE_EVERY_SECONDS))
        return self._channels if not self._closed.is_set() and self._changes.seen_one() else NOTHING

    def say_waiting(self) -> None:
        """Every commit is seen anyway."""

    def close(self) -> None:
        self._closed.set()
        self._changes.close()


class _PostgresqlWakeups:
    """A connection of its own that listens; made anew, with one wake-up for what was missed, when it breaks."""

    def __init__(self, store: Store, channels: Heard) -> None:
        self._store = store
        self._channels = channels
        self._connection: Any = None

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        with self._in_our_words():
            if self._connection is None:
                self._connection = self._listen()
                return self._channels
            patience = min(at_most, LONGEST_WAIT_SECONDS)
            return frozenset(word.channel for word in self._connection.notifies(timeout=patience, stop_after=1))

    def say_waiting(self) -> None:
        with self._in_our_words():
            if self._connection is None:
                self._connection = self._listen()
            self._connection.execute(f"NOTIFY {OF_WAITERS}")

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        import psycopg

        stop_if_abandoned()
        try:
            yield
        except psycopg.Error as error:
            self.close()
            raise _unavailable(self._store, error) from error

    def _listen(self) -> Any:
        connection = self._store.raw_connection()
        connection.autocommit = True
        for channel in sorted(self._channels):
            connection.execute(f"LISTEN {channel}")
        return connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Announcer:
    """Notifies on a connection of its own, after the transactions of an engine.

    A notification inside a transaction makes its commit wait for those of all others that notify.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._connection: Any = None

    def announce(self, channel: str) -> None:
        """Say that there is something to look at. Raises `DatabaseUnavailable`."""
        import psycopg

        try:
            if self._connection is None:
                self._connection = self._store.raw_connection()
                self._connection.autocommit = True
                # A hint need not survive a power cut.
                self._connection.execute("SET synchronous_commit = off")
            self._connection.execute(f"NOTIFY {channel}")
        except psycopg.Error as error:
            self.close()
            raise _unavailable(self._store, error) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _unavailable(store: Store, error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(f"database {store.url}: {' '.join(str(error).split())}")
