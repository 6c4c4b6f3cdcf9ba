"""Everybody in this process who waits for jobs, on one connection. Used by `waiters`.

A connection for each of them would soon be all that a server has, and looks for each all that a processor has. There is
no thread for it either: one of those who wait listens for all while the others sleep, and once that one goes another
does. So who waits alone hears no later than without all this.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol, TypeAlias

from rota.runtime.forking import watch_forks
from rota.runtime.stopping import stop_if_abandoned, woken_if_abandoned

Heard: TypeAlias = AbstractSet[tuple[str, str]]
"""Channels with what was said there."""

NOTHING: Heard = frozenset()

TURN_SECONDS = 0.25
"""How long one listens at a time, and then looks whether it is still to wait."""


class Source(Protocol):
    """Where an audience hears what is said. Used by one thread at a time."""

    def hear(self, seconds: float) -> Heard:
        """Wait up to `seconds`; returns what was said. Raises `DatabaseUnavailable`."""
        ...

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel."""

    def close(self) -> None:
        """Listen no more, until `hear` is called again."""


class Audience:
    """Those who listen to the source that `make_source` makes. Thread-safe.

    `find_unfinished` tells which of some jobs have not ended. It is asked once for all who wait for ends.
    Whoever ends a turn or leaves wakes one who sleeps, so that nobody sleeps where nobody listens or is about to.
    """

    def __init__(
        self, make_source: Callable[[], Source], find_unfinished: Callable[[Sequence[str]], AbstractSet[str]]
    ) -> None:
        self._make_source = make_source
        self._find_unfinished = find_unfinished
        self._parents: list[Source] = []
        self._begin()
        watch_forks(self)

    def _begin(self) -> None:
        self._source = self._make_source()
        self._to_say: set[str] = set()
        self._lock = threading.Lock()
        self._is_taken = False
        self._listeners: set[Listener] = set()
        self._asleep: set[Listener] = set()

    def join(self) -> Listener:
        """Somebody more, who hears whatever is said from now on. Close it."""
        listener = Listener(self)
        with self._lock:
            self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The last one closes the source."""
        mine = False
        try:
            with self._lock:
                self._listeners.discard(listener)
                self._wake_one()
                if not self._listeners and not self._is_taken:
                    mine = self._is_taken = True
            if mine:
                self._source.close()
        finally:
            if mine:
                self._is_taken = False
                self._end_turn()

    def hear(self, listener: Listener, seconds: float) -> Heard:
        """Listen for all, or sleep while somebody else does; returns what this one was told since the last time."""
        try:
            is_told = listener not in self._listeners or listener.woken.is_set()
            if not is_told and not self._listen(min(seconds, TURN_SECONDS), listener):
                listener.sleep(seconds)
        finally:
            heard = self._get_up(listener)
        return heard

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel: now, or as soon as the source is free."""
        self._to_say.add(channel)
        self._listen(None)

    def _listen(self, seconds: float | None, listener: Listener | None = None) -> bool:
        """Say what is to be said, and hear for so long, if at all. Raises `DatabaseUnavailable`.

        False where it is another's turn: then `listener` is one of those who sleep.
        An interrupt comes at any call, so the turn is taken and given back by plain statements, of one `try`.
        """
        heard = NOTHING
        unfinished: AbstractSet[str] = frozenset()
        mine = False
        try:
            with self._lock:
                if not self._is_taken:
                    mine = self._is_taken = True
                elif listener is not None:
                    self._asleep.add(listener)
            if mine:
                while self._to_say:
                    self._source.say(self._to_say.pop())
                if seconds is not None:
                    heard = self._source.hear(seconds)
                if heard:
                    unfinished = self._ask_for_all()
        finally:
            if mine:
                self._is_taken = False
                self._end_turn(heard, unfinished)
        return mine

    def _ask_for_all(self) -> AbstractSet[str]:
        """Which of the jobs that are waited for have not ended. Who waits alone may as well look at once."""
        with self._lock:
            jobs = set().union(*(each.jobs for each in self._listeners if each.jobs is not None))
            is_alone = len(self._listeners) == 1
        return frozenset() if is_alone or not jobs else self._find_unfinished(list(jobs))

    def _end_turn(self, heard: Heard = NOTHING, unfinished: AbstractSet[str] = frozenset()) -> None:
        """Tell what was heard to everybody but those who wait for the ends of jobs that are all `unfinished`."""
        with self._lock:
            for listener in self._listeners if heard else ():
                if listener.jobs is None or not listener.jobs <= unfinished:
                    listener.heard |= heard
                    listener.woken.set()
            self._wake_one()

    def _wake_one(self) -> None:
        """Of those who were told nothing, since the others have something else to do than to listen."""
        for listener in self._asleep:
            if not listener.heard:
                listener.woken.set()
                return

    def _get_up(self, listener: Listener) -> Heard:
        with self._lock:
            self._asleep.discard(listener)
            listener.woken.clear()
            heard, listener.heard = listener.heard, NOTHING
        return heard

    def forked(self) -> None:
        """Those who wait in the parent do not wait here. Its source is kept: closing it would harm the parent."""
        self._parents.append(self._source)
        self._begin()


class Listener:
    """One of an audience. `woken` is set when it was told something, or is perhaps the one to listen."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self.woken = threading.Event()
        self.heard: Heard = NOTHING
        self.jobs: AbstractSet[str] | None = None
        """What it waits for the ends of; None for everything."""

    def hear(self, seconds: float, jobs: AbstractSet[str] | None = None) -> Heard:
        """What was said since the last time, or is within `seconds`; perhaps nothing, and earlier.

        With `jobs`, only what may concern these: they are those of the last time, or fewer.
        Raises `DatabaseUnavailable`.
        """
        stop_if_abandoned()
        self.jobs = jobs
        return self._audience.hear(self, seconds)

    def sleep(self, seconds: float) -> None:
        """Until something was said, nobody listens, nobody wants to know any more, or so many seconds."""
        with woken_if_abandoned(self.woken):
            self.woken.wait(min(seconds, threading.TIMEOUT_MAX))

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel."""
        self._audience.say(channel)

    def close(self) -> None:
        self._audience.leave(self)
