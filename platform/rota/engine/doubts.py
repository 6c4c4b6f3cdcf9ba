"""Doubts: claims that may stand in the database although the dispatcher's pass that made them failed.

A server may commit and die, or lose us, before it says so; and with a statement that commits by itself it goes on when
its client is gone. The dispatcher's next passes look for what came of it: else a job would run under this node's lease
for ever, and nobody would carry it out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from rota.model.attempt import AttemptId
from rota.model.background_job import Lease
from rota.runtime.clock import Clock
from rota.store import Transaction, outlook
from rota.store.connection import IDLE_SECONDS

DOUBT_SECONDS = 2 * IDLE_SECONDS
"""How long after a pass has failed its claims may come to light. The statement waits for nothing but the locks of other
transactions, and those end when nothing has happened in them for half of this."""


class Doubts:
    """Passes by the instant that they claim at, which their leases carry. True while there are any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[datetime, float] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def begin(self, at: datetime) -> None:
        """A pass is about to claim."""
        mark = self._clock.monotonic()
        self._until = {each: until for each, until in self._until.items() if until > mark}
        self._until[at] = mark + DOUBT_SECONDS

    def end(self, instants: Collection[datetime | None]) -> None:
        """What came of these is known."""
        self._until = {each: until for each, until in self._until.items() if each not in instants}

    def come_to_light(
        self, tx: Transaction, node: str, known: Collection[AttemptId], paths: Mapping[str, tuple[str, ...]]
    ) -> list[Lease]:
        """What `node` has claimed in doubt, without the attempts that are known."""
        leases = outlook.leases_of(tx, node, paths)
        return [lease for lease in leases if lease.claimed_at in self._until and lease.attempt.id not in known]
