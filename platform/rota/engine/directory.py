"""What the engine must know of the applied configurations to run their jobs: import paths, executors, retention.

Read from the database and kept for a moment; whoever learns of a change says so.
"""

from __future__ import annotations

import threading

from rota.model.definition import ExecutorSpec
from rota.runtime.clock import Clock
from rota.store import Store, configurations
from rota.store.configurations import Applied

FRESH_SECONDS = 1.0


class Directory:
    """The applied configurations by name, at most a second old."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Applied] = {}
        self._read_mark: float | None = None

    def configurations(self) -> dict[str, Applied]:
        with self._lock:
            mark = self._clock.monotonic()
            if self._read_mark is None or mark - self._read_mark > FRESH_SECONDS:
                with self._store.read() as tx:
                    self._known = {each.name: each for each in configurations.applied(tx)}
                self._read_mark = mark
            return self._known

    def forget(self) -> None:
        """Read again at the next question."""
        with self._lock:
            self._read_mark = None

    def import_path(self, configuration: str | None) -> tuple[str, ...]:
        """The folders to look for a job's module in: its configuration's."""
        found = self.configurations().get(configuration or "")
        return found.path if found else ()

    def pools(self) -> dict[str, ExecutorSpec]:
        """Every queue that jobs may wait in, with the executor that serves it."""
        pools = {name: ExecutorSpec(name=name, kind=name) for name in BUILT_IN}
        for configuration in self.configurations().values():
            for spec in configuration.executors:
                pools[f"{configuration.name}/{spec.name}"] = spec
        return pools


BUILT_IN = ("process", "thread", "command")
