"""Wake-ups: how an engine learns at once that another process changed the database.

Only a hint, never the truth: whoever is woken looks into the tables. PostgreSQL notifies. SQLite has a version counter
that costs a few microseconds to read, and its engine a bell. Those who wait for jobs have `waiters`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from sqlalchemy import text

from rota.store.bell import Bell
from rota.store.changes import Changes
from rota.store.connection import RINGS, WRITES, Store, Transaction
from rota.store.words import Words


class Channel(StrEnum):
    """Who is told, and of what."""

    CHANGES = "rota"
    """Engines: anything may have changed."""
    QUEUES = "rota_queues"
    """Engines: jobs that are due were added to a queue, and nothing else happened. Most of what an engine hears."""
    ENDS = "rota_ends"
    """Those who wait for jobs: some ended or emitted something."""
    WAITERS = "rota_waiters"
    """Engines: somebody waits at all."""


class Word(NamedTuple):
    """What is heard; `queue` is that of `Channel.QUEUES`."""

    channel: Channel
    queue: str = ""


Heard: TypeAlias = AbstractSet[Word]
NOTHING: Heard = frozenset()
CHANGE = Word(Channel.CHANGES)
ANYTHING: Heard = frozenset({CHANGE})

SQLITE_EVERY_SECONDS = 0.02
"""How often the version counter is read by somebody who has no bell."""

SQLITE_WITH_BELL_SECONDS = 0.1
"""How often by an engine that has one: for what is committed by others than Rota. Each look costs 0.1 ms or so."""

LONGEST_WAIT_SECONDS = 0.25
"""How long an engine's wait lasts, so that one that stops is not kept waiting."""


def wake_engines(tx: Transaction) -> None:
    """Have engines look again once this transaction is committed. Several calls in one transaction make one wake-up."""
    _tell(tx, CHANGE)


def wake_dispatchers(tx: Transaction, queues: Iterable[str]) -> None:
    """The same where all that this transaction does for engines is to add jobs to these queues, which are due."""
    for queue in queues:
        _tell(tx, Word(Channel.QUEUES, queue))


def wake_waiters(tx: Transaction) -> None:
    """Have those who wait for jobs look again once this transaction is committed. Engines have the herald for it."""
    if tx.dialect.name == "postgresql":
        _tell(tx, Word(Channel.ENDS))


def _tell(tx: Transaction, word: Word) -> None:
    if tx.dialect.name == "postgresql":
        tx.execute(_NOTIFY, {"channel": word.channel, "queue": word.queue})
        return
    options = tx.get_execution_options()
    if WRITES in options:  # a caller's own transaction is not ours to mark: its commit is seen, not heard
        tx.execution_options(**{RINGS: options.get(RINGS, frozenset()) | {word.queue}})


_NOTIFY = text("SELECT pg_notify(:channel, :queue)")


class Wakeups(Protocol):
    """A way to wait for changes made by others."""

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        """Wait a moment, of no more than `at_most` seconds; returns what was heard, if anything."""
        ...

    def close(self) -> None: ...


def engine_wakeups_of(store: Store) -> Wakeups:
    """The way that fits the database, for an engine, which hears everything."""
    if store.file is not None:
        return _SqliteWakeups(store.file)
    return _PostgresqlWakeups(store) if store.listens else _Polling()


class _Polling:
    """For poolers that know no LISTEN: a look now and then."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        return NOTHING if self._closed.wait(min(at_most, LONGEST_WAIT_SECONDS)) else ANYTHING

    def close(self) -> None:
        self._closed.set()


class _SqliteWakeups:
    """Hears the bell; where there can be none, it looks more often."""

    def __init__(self, file: Path) -> None:
        self._changes = Changes(file)
        self._closed = threading.Event()
        self._bell = Bell(file)
        self._hangs: bool | None = None

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        if self._hangs is None:
            self._hangs = self._bell.hang()
        if not self._hangs:
            self._closed.wait(min(at_most, SQLITE_EVERY_SECONDS))
            return self._look()
        queues = self._bell.hear(min(at_most, SQLITE_WITH_BELL_SECONDS))
        return {Word(Channel.QUEUES, queue) if queue else CHANGE for queue in queues} or self._look()

    def _look(self) -> Heard:
        return ANYTHING if not self._closed.is_set() and self._changes.seen_one() else NOTHING

    def close(self) -> None:
        self._closed.set()
        self._changes.close()
        self._bell.take_down()


class _PostgresqlWakeups:
    """Hears of changes by notification, with one wake-up for what was missed when the connection was made."""

    def __init__(self, store: Store) -> None:
        self._words = Words(store, tuple(Channel))

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS) -> Heard:
        heard = self._words.hear(min(at_most, LONGEST_WAIT_SECONDS))
        return {Word(Channel(channel), payload) for channel, payload in heard}

    def close(self) -> None:
        self._words.close()
