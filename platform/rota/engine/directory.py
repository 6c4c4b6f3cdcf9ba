"""What the engine must know of the applied configurations to run their jobs: import paths, executors, retention.

Read from the database and kept for a while; whoever learns of a change says so.
"""

from __future__ import annotations

import os.path
import threading
from collections.abc import Mapping
from typing import NamedTuple

from msgspec import structs

from rota.model.attempt import Attempt
from rota.model.definition import BUILT_IN_EXECUTORS, ExecutorSpec
from rota.runtime.clock import Clock
from rota.store import Store, Transaction, configurations
from rota.store.configurations import AppliedConfiguration

FRESH_SECONDS = 10.0
"""How long it may go unnoticed that the word about a change was lost."""


class Known(NamedTuple):
    """What one reading found."""

    configurations: dict[str, AppliedConfiguration]
    import_paths: dict[str, tuple[str, ...]]
    queues: dict[str, ExecutorSpec]


class Directory:
    """The applied configurations. `roots` says where those lie that lie elsewhere for this engine, by their names."""

    def __init__(self, store: Store, clock: Clock, roots: Mapping[str, str]) -> None:
        self._store = store
        self._roots = roots
        self._clock = clock
        self._lock = threading.Lock()
        self._known = Known({}, {}, {})
        self._read_mark: float | None = None

    def configurations(self) -> dict[str, AppliedConfiguration]:
        """By name."""
        return self._read().configurations

    def import_paths(self) -> dict[str, tuple[str, ...]]:
        """The folders to look for the modules of each configuration's jobs in."""
        return self._read().import_paths

    def located(self, attempt: Attempt, configuration: str | None) -> Attempt:
        """The attempt with its command's folder where that is for this engine."""
        command = attempt.command
        if command is None or command.working_directory is None or configuration not in self.configurations():
            return attempt
        root = self._roots.get(configuration) or self.configurations()[configuration].root
        folder = os.path.realpath(os.path.join(root, command.working_directory))  # noqa: PTH118
        return structs.replace(attempt, command=structs.replace(command, working_directory=folder))

    def queues(self) -> dict[str, ExecutorSpec]:
        """Every queue that jobs may wait in, with the executor that serves it."""
        return self._read().queues

    def renew(self) -> None:
        """Read again in good time: for whoever has nothing to claim at this moment, so that no claim waits for it."""
        self._read(FRESH_SECONDS / 2)

    def forget(self) -> None:
        """Read again at the next question."""
        with self._lock:
            self._read_mark = None

    def _read(self, fresh_seconds: float = FRESH_SECONDS) -> Known:
        with self._lock:
            mark = self._clock.monotonic()
            if self._read_mark is None or mark - self._read_mark > fresh_seconds:
                with self._store.read() as tx:
                    self._known = self._find(tx)
                self._read_mark = mark
            return self._known

    def _find(self, tx: Transaction) -> Known:
        applied = {each.name: each for each in configurations.applied(tx)}
        paths = {name: each.import_path(self._roots.get(name)) for name, each in applied.items()}
        queues = {name: ExecutorSpec(name=name, kind=name) for name in BUILT_IN_EXECUTORS}
        own = {f"{each.name}/{spec.name}": spec for each in applied.values() for spec in each.executors}
        return Known(applied, paths, {**queues, **own})
