"""The executors of this node, one for each queue that jobs wait in."""

from __future__ import annotations

import threading
from collections.abc import Callable

from rota.engine.directory import Directory
from rota.executors.base import Executor
from rota.model.definition import ExecutorSpec

MakeExecutor = Callable[[ExecutorSpec], Executor]


class Pools:
    """Executors by the name of their queue."""

    def __init__(self, directory: Directory, make: MakeExecutor) -> None:
        self._directory = directory
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[str, tuple[ExecutorSpec, Executor]] = {}
        self._outgoing: list[Executor] = []

    def slots(self) -> dict[str, int]:
        """How many attempts each queue may have at once on this node."""
        return {name: self.executor(name).slots for name in self._directory.pools()}

    def executor(self, pool: str) -> Executor:
        """The executor that serves `pool`, made anew when its specification changed; what runs in the old one stays."""
        spec = self._directory.pools()[pool]
        with self._lock:
            known = self._made.get(pool)
            if known is not None and known[0] == spec:
                return known[1]
            if known is not None:
                self._outgoing.append(known[1])
            made = self._make(spec)
            self._made[pool] = (spec, made)
            return made

    def all(self) -> list[Executor]:
        with self._lock:
            return [executor for _, executor in self._made.values()] + self._outgoing

    def close(self) -> None:
        """Close every executor; nothing runs afterwards."""
        for executor in self.all():
            executor.close()
