"""How those who wait for jobs learn of their ends: all of a process by one source, of what the database offers.

Only a hint, as for engines. Used by whatever waits in `app`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path

from rota.model.states import FINISHED
from rota.store import background_jobs
from rota.store.audience import NOTHING, Audience, Heard, Listener, Source
from rota.store.changes import Changes
from rota.store.connection import Store
from rota.store.wakeups import ANYTHING, LONGEST_WAIT_SECONDS, SQLITE_EVERY_SECONDS, Channel
from rota.store.words import Words

MOST_JOBS = 10_000
"""Up to how many jobs are looked at in one statement for all: a third of the values that SQLite takes."""

SILENCE_SECONDS = 1.0
"""After how long without a notification one looks anyway: an engine that is killed tells nobody what it committed."""


class Waiter:
    """One who waits. Close it."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def wait(self, at_most: float = LONGEST_WAIT_SECONDS, jobs: AbstractSet[str] | None = None) -> Heard:
        """Wait, for no more than `at_most` seconds; returns what was heard, if anything.

        With `jobs`, nothing is heard that has ended none of them; from one wait to the next they may only become fewer.
        Raises `DatabaseUnavailable`.
        """
        return self._listener.hear(at_most, jobs)

    def say_waiting(self) -> None:
        """Tell engines that somebody waits for ends, which they would not tell of otherwise. Good for some seconds."""
        self._listener.say(Channel.WAITERS)

    def close(self) -> None:
        self._listener.close()


def waiter_of(store: Store) -> Waiter:
    """Somebody more who waits."""
    if store.audience is None:  # two at once may make two, which is one too many and does no harm
        store.audience = Audience(partial(_source_of, store), partial(_unfinished, store))
    return Waiter(store.audience.join())


def _unfinished(store: Store, jobs: Sequence[str]) -> set[str]:
    if len(jobs) > MOST_JOBS:
        return set()  # let everybody look for their own
    with store.read() as tx:
        states = background_jobs.states(tx, jobs)
    return {job for job, state in states.items() if state not in FINISHED}


def _source_of(store: Store) -> Source:
    if store.file is not None:
        return _Commits(store.file)
    return _Notifications(store) if store.listens else _Time()


class _Commits:
    """SQLite: every commit may have changed anything."""

    def __init__(self, file: Path) -> None:
        self._changes = Changes(file)
        self._pause = threading.Event()

    def hear(self, seconds: float) -> Heard:
        self._changes.look_at_file()
        while not self._changes.seen_one():
            if seconds <= 0.0:
                return NOTHING
            self._pause.wait(min(seconds, SQLITE_EVERY_SECONDS))
            seconds -= SQLITE_EVERY_SECONDS
        return ANYTHING

    def say(self, channel: str) -> None:
        """Nobody has to be told that somebody waits: every commit is seen anyway."""

    def close(self) -> None:
        self._changes.close()


class _Notifications:
    """PostgreSQL."""

    def __init__(self, store: Store) -> None:
        self._words = Words(store, (Channel.CHANGES, Channel.QUEUES, Channel.ENDS))
        self._silence = 0.0

    def hear(self, seconds: float) -> Heard:
        heard = self._words.hear(seconds)
        self._silence = 0.0 if heard else self._silence + seconds
        if self._silence < SILENCE_SECONDS:
            return heard
        self._silence = 0.0
        return ANYTHING

    def say(self, channel: str) -> None:
        self._words.say(channel)

    def close(self) -> None:
        self._words.close()


class _Time:
    """For poolers that know no LISTEN: now and then something may have changed."""

    def __init__(self) -> None:
        self._pause = threading.Event()

    def hear(self, seconds: float) -> Heard:
        self._pause.wait(seconds)
        return ANYTHING

    def say(self, channel: str) -> None:
        """Nothing is told to those who only look."""

    def close(self) -> None:
        """Nothing is open."""
