"""Wake-ups: how an engine learns at once that another process changed the database.

Only a hint, never the truth: whoever is woken looks into the tables. PostgreSQL notifies. SQLite has a version counter
that costs a few microseconds to read, and its engine a bell.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sqlalchemy import text

from rota.runtime.stopping import stop_if_abandoned
from rota.store.bell import Bell
from rota.store.connection import RINGS, WRITES, Changes, Store, Transaction
from rota.store.words import Words

CHANNEL = "rota"
"""What engines must look at."""

ENDS, WAITERS = "rota_ends", "rota_waiters"
"""That jobs ended or emitted something, for those who wait for it; and that somebody waits at all."""

SQLITE_EVERY_SECONDS = 0.02
"""How often the version counter is read by somebody who has no bell."""

SQLITE_WITH_BELL_SECONDS = 0.1
"""How often by an engine that has one: for what is committed by others than Rota. Each look costs 0.1 ms or so."""

POSTGRESQL_WAIT_SECONDS = 0.25
"""How long one wait for a notification lasts, so that a stopping engine is not kept waiting."""


def wake_waiters(tx: Transaction) -> None:
    """Have those who wait for jobs look again once this transaction is committed. Engines have the herald for it."""
    if tx.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {ENDS}"))


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

    def wait(self, at_most: float = POSTGRESQL_WAIT_SECONDS) -> Change | None:
        """Wait a moment, of no more than `at_most` seconds; returns what may have changed, if anything."""
        ...

    def say_waiting(self) -> None:
        """Tell engines that somebody waits for ends, which they would not tell of otherwise. Good for some seconds."""

    def close(self) -> None: ...


def wakeups_of(store: Store) -> Wakeups:
    """The way that fits the database, for whoever waits for a job."""
    if store.file is not None:
        return _SqliteWakeups(store.file)
    return _PostgresqlWakeups(store, (CHANNEL, ENDS)) if store.listens else _Polling()


def engine_wakeups_of(store: Store) -> Wakeups:
    """The same for the engine."""
    if store.file is not None:
        return _SqliteEngineWakeups(store.file)
    return _PostgresqlWakeups(store, (CHANNEL,)) if store.listens else _Polling()


class _Polling:
    """For poolers that know no LISTEN: a look now and then."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def wait(self, at_most: float = POSTGRESQL_WAIT_SECONDS) -> Change | None:
        stop_if_abandoned()
        return None if self._closed.wait(min(at_most, POSTGRESQL_WAIT_SECONDS)) else Change.ANYTHING

    def say_waiting(self) -> None:
        """Nothing is told to those who only look."""

    def close(self) -> None:
        self._closed.set()


class _SqliteWakeups:
    def __init__(self, file: Path) -> None:
        self._changes = Changes(file)
        self._closed = threading.Event()

    def wait(self, at_most: float = POSTGRESQL_WAIT_SECONDS) -> Change | None:
        stop_if_abandoned()
        self._closed.wait(min(at_most, SQLITE_EVERY_SECONDS))
        return self._look()

    def say_waiting(self) -> None:
        """Every commit is seen anyway."""

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

    def wait(self, at_most: float = POSTGRESQL_WAIT_SECONDS) -> Change | None:
        if self._hangs is None:
            self._hangs = self._bell.hang()
        if not self._hangs:
            return super().wait(at_most)
        heard = set(self._bell.hear(SQLITE_WITH_BELL_SECONDS))
        if heard:
            return Change.JOBS if heard == set(_sound(Change.JOBS)) else Change.ANYTHING
        return self._look()

    def close(self) -> None:
        super().close()
        self._bell.take_down()


class _PostgresqlWakeups:
    """Hears of changes by notification, with one wake-up for what was missed when the connection was made."""

    def __init__(self, store: Store, channels: Sequence[str]) -> None:
        self._words = Words(store, channels)

    def wait(self, at_most: float = POSTGRESQL_WAIT_SECONDS) -> Change | None:
        heard = self._words.hear(min(at_most, POSTGRESQL_WAIT_SECONDS))
        if not heard:
            return None
        return Change.JOBS if heard == {(CHANNEL, Change.JOBS)} else Change.ANYTHING

    def say_waiting(self) -> None:
        self._words.say(WAITERS)

    def close(self) -> None:
        self._words.close()
