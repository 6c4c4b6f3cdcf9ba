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
        self._pool_of: dict[AttemptId, str] = {}
        self._busy: Counter[str] = Counter()
        self._lent: set[AttemptId] = set()
        self._returning: dict[str, deque[tuple[AttemptId, GoOn]]] = {}
        """Attempts that want their lent slots back, by pool."""

    def busy(self, pool: str) -> int:
        """How many slots of a pool are taken; those that are lent are not."""
        return self._busy[pool]

    def holds(self, attempt: AttemptId) -> bool:
        """Whether the attempt has begun and not ended."""
        return attempt in self._pool_of

    def take(self, attempt: AttemptId, pool: str) -> None:
        self._pool_of[attempt] = pool
        self._busy[pool] += 1

    def free(self, attempt: AttemptId) -> GoOn | None:
        """The attempt has ended; returns what goes on in its slot. Raises `KeyError` for one that holds none."""
        pool = self._pool_of.pop(attempt)
        if attempt in self._lent:
            self._lent.discard(attempt)
        else:
            self._busy[pool] -= 1
        return self._next_returning(pool)

    def may_lend(self, attempt: AttemptId) -> bool:
        return attempt in self._pool_of and attempt not in self._lent

    def lend(self, attempt: AttemptId) -> GoOn | None:
        """The attempt waits; returns what goes on in its slot."""
        pool = self._pool_of[attempt]
        self._lent.add(attempt)
        self._busy[pool] -= 1
        return self._next_returning(pool)

    def take_back(self, attempt: AttemptId, limit: int, go_on: GoOn) -> bool:
        """Whether the attempt has its slot, of `limit`; else `go_on` is returned by whatever makes one free."""
        pool = self._pool_of[attempt]
        if attempt not in self._lent:
            return True
        if self._busy[pool] >= limit:
            self._returning.setdefault(pool, deque()).append((attempt, go_on))
            return False
        self._resume(attempt, pool)
        return True

    def _next_returning(self, pool: str) -> GoOn | None:
        """Give the slot that became free to whoever waits for one, if anybody does."""
        waiting = self._returning.get(pool)
        while waiting:
            attempt, go_on = waiting.popleft()
            if attempt in self._lent:
                self._resume(attempt, pool)
                return go_on
        return None

    def _resume(self, attempt: AttemptId, pool: str) -> None:
        self._lent.discard(attempt)
        self._busy[pool] += 1
