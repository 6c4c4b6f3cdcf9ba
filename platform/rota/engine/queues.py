"""The queues that jobs wait in, each with the executor that serves it on this node."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping

from rota.engine.directory import Directory
from rota.executors.base import Executor
from rota.model.definition import ExecutorSpec

MakeExecutor = Callable[[ExecutorSpec], Executor]


class Queues:
    """Executors by the name of their queue. One whose specification changed, or went, ends what it runs and goes."""

    def __init__(self, directory: Directory, make: MakeExecutor) -> None:
        self._directory = directory
        self._make = make
        self._lock = threading.Lock()
        self._made: dict[str, tuple[ExecutorSpec, Executor]] = {}
        self._outgoing: list[Executor] = []

    def executors(self) -> Mapping[str, Executor]:
        """The executor of every queue there is now."""
        specs = self._directory.queues()
        with self._lock:
            for queue, (spec, executor) in list(self._made.items()):
                if specs.get(queue) != spec:
                    self._outgoing.append(executor)
                    del self._made[queue]
            for queue, spec in specs.items():
                if queue not in self._made:
                    self._made[queue] = (spec, self._make(spec))
            return {queue: executor for queue, (_, executor) in self._made.items()}

    def slots(self) -> dict[str, int]:
        """How many attempts each queue may have at once on this node."""
        return {queue: executor.slots for queue, executor in self.executors().items()}

    def close_unused(self, used: Collection[Executor]) -> None:
        """Close the outgoing executors that are not among `used`; nothing new is ever started in them."""
        with self._lock:
            closing = [executor for executor in self._outgoing if executor not in used]
            self._outgoing = [executor for executor in self._outgoing if executor in used]
        for executor in closing:
            executor.close()

    def close(self) -> None:
        """Close every executor; nothing runs afterwards."""
        with self._lock:
            executors = [executor for _, executor in self._made.values()] + self._outgoing
        for executor in executors:
            executor.close()
