"""What the engine must know of the applied configurations to run their jobs: import paths, executors, retention.

Read from the database and kept for a moment; whoever learns of a change says so.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from rota.model.definition import BUILT_IN_EXECUTORS, ExecutorSpec
from rota.runtime.clock import Clock
from rota.store import Store, Transaction, configurations
from rota.store.configurations import Applied

FRESH_SECONDS = 1.0


class Directory:
    """The applied configurations by name, at most a second old."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Mapping[str, Applied] = {}
        self._read_mark: float | None = None

    def configurations(self) -> Mapping[str, Applied]:
        with self._lock:
            mark = self._clock.monotonic()
            if self._read_mark is None or mark - self._read_mark > FRESH_SECONDS:
                with self._store.read() as tx:
                    self._known = _read(tx)
                self._read_mark = mark
            return self._known

    def forget(self) -> None:
        """Read again at the next question."""
        with self._lock:
            self._read_mark = None

    def import_paths(self, tx: Transaction) -> dict[str | None, tuple[str, ...]]:
        """The folders to look for a job's module in, by configuration, as of this very transaction.

        A job may be claimed in the instant after its configuration was applied; what was read a moment ago would be
        too old for it.
        """
        known = _read(tx)
        with self._lock:
            self._known, self._read_mark = known, self._clock.monotonic()
        return {name: each.path for name, each in known.items()}

    def pools(self) -> dict[str, ExecutorSpec]:
        """Every queue that jobs may wait in, with the executor that serves it."""
        pools = {name: ExecutorSpec(name=name, kind=name) for name in BUILT_IN_EXECUTORS}
        for configuration in self.configurations().values():
            for spec in configuration.executors:
                pools[f"{configuration.name}/{spec.name}"] = spec
        return pools


def _read(tx: Transaction) -> dict[str, Applied]:
    return {each.name: each for each in configurations.applied(tx)}
