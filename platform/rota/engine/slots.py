"""Which slots of each queue are taken, which of them are lent by attempts that wait for others, and who wants one back.

Used by the live attempts alone, under their lock.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from typing import TypeAlias

from rota.model.attempt import AttemptId

GoOn: TypeAlias = Callable[[], None]
"""What an attempt does that has its slot again. Whoever is given one calls it, without the lock."""


class Slots:
    """The slots that attempts hold, from their start to their end. How many a queue has, its executor says."""

    def __init__(self) -> None:
        self._queue_of: dict[AttemptId, str] = {}
        self._busy: Counter[str] = Counter()
        self._lent: set[AttemptId] = set()
        self._returning: dict[str, deque[tuple[AttemptId, GoOn]]] = {}
        """Attempts that want their lent slots back, by queue."""

    def busy(self, queue: str) -> int:
        """How many slots of a queue are taken; those that are lent are not."""
        return self._busy[queue]

    def holds(self, attempt: AttemptId) -> bool:
        """Whether the attempt has begun and not ended."""
        return attempt in self._queue_of

    def take(self, attempt: AttemptId, queue: str) -> None:
        self._queue_of[attempt] = queue
        self._busy[queue] += 1

    def free(self, attempt: AttemptId) -> GoOn | None:
        """The attempt has ended; returns what goes on in its slot. Raises `KeyError` for one that holds none."""
        queue = self._queue_of.pop(attempt)
        if attempt in self._lent:
            self._lent.discard(attempt)
        else:
            self._busy[queue] -= 1
        return self._next_returning(queue)

    def may_lend(self, attempt: AttemptId) -> bool:
        return attempt in self._queue_of and attempt not in self._lent

    def lend(self, attempt: AttemptId) -> GoOn | None:
        """The attempt waits; returns what goes on in its slot."""
        queue = self._queue_of[attempt]
        self._lent.add(attempt)
        self._busy[queue] -= 1
        return self._next_returning(queue)

    def take_back(self, attempt: AttemptId, limit: int, go_on: GoOn) -> bool:
        """Whether the attempt has its slot, of `limit`; else `go_on` is returned by whatever makes one free."""
        queue = self._queue_of[attempt]
        if attempt not in self._lent:
            return True
        if self._busy[queue] >= limit:
            self._returning.setdefault(queue, deque()).append((attempt, go_on))
            return False
        self._resume(attempt, queue)
        return True

    def _next_returning(self, queue: str) -> GoOn | None:
        """Give the slot that became free to whoever waits for one, if anybody does."""
        waiting = self._returning.get(queue)
        while waiting:
            attempt, go_on = waiting.popleft()
            if attempt in self._lent:
                self._resume(attempt, queue)
                return go_on
        return None

    def _resume(self, attempt: AttemptId, queue: str) -> None:
        self._lent.discard(attempt)
        self._busy[queue] += 1
