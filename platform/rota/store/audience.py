"""Everybody in this process who waits for jobs, on one connection of PostgreSQL. Used by the wake-ups.

A connection for each of them would soon be all that the server has. There is no thread for it either: one of those who
wait listens for all, and once that one goes another does. So who waits alone hears no later than without all this.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from rota.runtime.forking import watch_forks
from rota.runtime.stopping import stop_if_abandoned
from rota.store.connection import Store
from rota.store.words import Words

Heard: TypeAlias = set[tuple[str, str]]
"""Channels with what was said there."""


class Audience:
    """Those who listen to `channels`. Thread-safe."""

    def __init__(self, store: Store, channels: Sequence[str]) -> None:
        self._store = store
        self._channels = channels
        self._parents: list[Words] = []
        self._begin()
        watch_forks(self)

    def _begin(self) -> None:
        self._words = Words(self._store, self._channels)
        self._to_say: set[str] = set()
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()

    def join(self) -> Listener:
        """Somebody more, who hears whatever is said from now on. Close it."""
        listener = Listener(self)
        with self._lock:
            self._listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The last one closes the connection; else somebody is woken, since it was perhaps this one who listened."""
        with self._lock:
            self._listeners.discard(listener)
            heir = next(iter(self._listeners), None)
        if heir is not None:
            heir.told.set()
            return
        with self._own_turn() as mine:
            if mine and not self._listeners:
                self._words.close()

    def listen(self, seconds: float) -> bool:
        """Listen for all, unless somebody else does; whether that was so. Raises `DatabaseUnavailable`."""
        with self._own_turn() as mine:
            if mine:
                self._say()
                if heard := self._words.hear(seconds):
                    self._tell(heard)
            return mine

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel: now, or as soon as the connection is free."""
        self._to_say.add(channel)
        with self._own_turn() as mine:
            if mine:
                self._say()

    @contextmanager
    def _own_turn(self) -> Iterator[bool]:
        """Whether the connection is one's own while inside; nobody waits for that."""
        mine = self._turn.acquire(blocking=False)
        try:
            yield mine
        finally:
            if mine:
                self._turn.release()

    def _say(self) -> None:
        while self._to_say:
            self._words.say(self._to_say.pop())

    def _tell(self, heard: Heard) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.heard |= heard
                listener.told.set()

    def take(self, listener: Listener) -> Heard:
        """What this one was told since the last time."""
        with self._lock:
            listener.told.clear()
            heard, listener.heard = listener.heard, set()
        return heard

    def forked(self) -> None:
        """Those who wait in the parent do not wait here. Its connection is kept: closing it would harm the parent."""
        self._parents.append(self._words)
        self._begin()


class Listener:
    """One of an audience. `told` is set when there is something to take, or perhaps nobody who listens."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self.told = threading.Event()
        self.heard: Heard = set()

    def hear(self, seconds: float) -> Heard:
        """What was said since the last time, or is within `seconds`. Raises `DatabaseUnavailable`."""
        stop_if_abandoned()
        if not self.told.is_set() and not self._audience.listen(seconds):
            self.told.wait(seconds)
        return self._audience.take(self)

    def say(self, channel: str) -> None:
        """Wake whoever listens to that channel."""
        self._audience.say(channel)

    def close(self) -> None:
        self._audience.leave(self)
