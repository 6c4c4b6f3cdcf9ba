"""The recorder: stores what attempts reported, while the dispatcher claims and launches the next ones.

In a thread of its own, on a connection of its own: one waits for the database while the other works, and the methods
that were just launched run beside both. Called by the dispatcher alone.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from rota.engine.attempt import Settled, settle
from rota.engine.live import Reported
from rota.runtime.clock import Clock
from rota.store import Store, keys


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of `reported`, which was judged at `at`."""

    at: datetime
    settled: Settled


class Recorder:
    """Close it when nothing is recorded any more."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "rota-recorder")

    def begin(self, reported: Reported) -> Future[Recorded]:
        """Begin to store this; the result raises what kept it from being stored."""
        return self._thread.submit(self._record, reported)

    def _record(self, reported: Reported) -> Recorded:
        now = self._clock.now()
        with self._store.write() as tx:
            settled = settle(tx, reported, now)
            if settled.frees_keys:
                keys.pass_on(tx)
        return Recorded(now, settled)

    def close(self) -> None:
        self._thread.shutdown()
