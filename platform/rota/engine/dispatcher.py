"""The dispatcher: stores what running attempts report, and gives free slots to due jobs.

Both happen in one transaction a pass. While a pass runs, more attempts end; so under load every commit settles and
claims many jobs, and a lone job is still claimed at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from rota.engine.attempt import Settled, announce, settle
from rota.engine.directory import Directory
from rota.engine.identity import Identity
from rota.engine.live import LiveAttempts, Reported
from rota.engine.pools import Pools
from rota.model.background_job import Lease
from rota.model.event import Announce, Event, Name
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, Transaction, transitions

LONGEST_BATCH = 200
"""How many jobs of one queue a pass claims at most."""

POLL = timedelta(seconds=5)
"""How long a pass may be away without having been woken: a notification may be lost, the jobs it told of are not."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one transaction did.

    `node` is the incarnation that claimed; `overdue` are (id, name) of jobs cancelled before they could run.
    """

    at: datetime
    node: str
    settled: Settled
    leases: list[Lease]
    overdue: list[tuple[str, str]]

    @property
    def frees_scheduled_jobs(self) -> bool:
        return any(ending.scheduled_job for _, ending in self.settled.endings) or bool(self.overdue)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "settled": len(self.settled.endings),
            "records": len(self.settled.emitted),
            "claimed": len(self.leases),
            "overdue": len(self.overdue),
        }


class Dispatcher:
    """Settles and claims. `accepting` says whether new attempts may begin."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        identity: Identity,
        directory: Directory,
        pools: Pools,
        live: LiveAttempts,
        tell: Announce,
        on_launched: Callable[[], None],
        on_scheduled_job_freed: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._directory = directory
        self._pools = pools
        self._live = live
        self._tell = tell
        self._on_launched = on_launched
        self._on_scheduled_job_freed = on_scheduled_job_freed
        self._everywhere = True
        self._next_at = clock.now()
        self.accepting = True

    def look_everywhere(self) -> None:
        """Somebody may have added or changed jobs: the next pass looks into every queue."""
        self._everywhere = True

    def run_once(self) -> Pass:
        """One pass: settle, claim, announce, launch."""
        reported = self._live.take_reported()
        if not reported and not self._something_is_due():
            return Pass({}, self._next_at)
        try:
            done = self._transact(reported)
        except BaseException:
            self._live.give_back(reported)
            self._everywhere = True
            raise
        self._live.remove([ended.live for ended, _ in done.settled.endings] + list(done.settled.refused))
        announce(done.settled, self._tell, done.at)
        self._announce_overdue(done)
        self._launch(done)
        if done.frees_scheduled_jobs:
            self._on_scheduled_job_freed()
        return Pass(done.counts, self._next_at, again=len(done.leases) >= LONGEST_BATCH)

    def _something_is_due(self) -> bool:
        """Whether there is anything to claim or to cancel, at the cost of a read."""
        self._everywhere = True
        now = self._clock.now()
        with self._store.read() as tx:
            due = transitions.next_due(tx)
            overdue = transitions.next_overdue(tx)
            self._next_at = _next_at(tx, now)
        claims = due is not None and due <= now and bool(self._free_slots())
        return claims or (overdue is not None and overdue <= now)

    def _transact(self, reported: Reported) -> Round:
        """Settle and claim in one transaction.

        A pass that only follows the ends of attempts looks into the queues whose slots they freed; whatever else may
        be due is known to come later, or somebody will say so.
        """
        now = self._clock.now()
        everywhere = self._everywhere or now >= self._next_at
        self._everywhere = False
        slots = self._free_slots()
        if not everywhere:
            freed = {each.live.lease.pool for each in reported.ended}
            slots = {pool: free for pool, free in slots.items() if pool in freed}
        node = self._identity.incarnation
        paths = self._directory.import_paths()
        leases: list[Lease] = []
        with self._store.write() as tx:
            settled = settle(tx, reported, now)
            overdue = self._cancel_overdue(tx, now) if everywhere else []
            for pool, free in slots.items():
                limit = min(free, LONGEST_BATCH)
                leases += transitions.claim(tx, node=node, pool=pool, limit=limit, now=now, paths=paths)
            next_at = _next_at(tx, now) if everywhere else self._next_at
        self._next_at = min([next_at, *settled.restarts_at])
        return Round(now, node, settled, leases, overdue)

    def _cancel_overdue(self, tx: Transaction, now: datetime) -> list[tuple[str, str]]:
        at = transitions.next_overdue(tx)
        return transitions.cancel_overdue(tx, now) if at is not None and at <= now else []

    def _free_slots(self) -> dict[str, int]:
        """How many attempts each queue may begin now; queues with none are left out."""
        if not self.accepting:
            return {}
        free = {pool: slots - self._live.busy(pool) for pool, slots in self._pools.slots().items()}
        return {pool: count for pool, count in free.items() if count > 0}

    def _launch(self, done: Round) -> None:
        for lease in done.leases:
            live = self._live.add(lease, done.node)
            facts = {"job": lease.attempt.job, "name": lease.attempt.name, "attempt": lease.attempt.number}
            self._tell(Event(Name.JOB_STARTED, done.at, facts))
            try:
                self._pools.executor(lease.pool).start(lease.attempt, self._live)
            except Exception as error:  # noqa: BLE001 -- whatever keeps an attempt from starting is its end
                info = ErrorInfo(type=type(error).__name__, message=f"the attempt could not be started: {error}")
                self._live.ended(live.id, self._clock.now(), Outcome(end=End.DIED, error=info))
        if any(lease.timeout or lease.stop_at or lease.completion_interval for lease in done.leases):
            self._on_launched()

    def _announce_overdue(self, done: Round) -> None:
        for job, name in done.overdue:
            reason = "its completion time was reached before it could run"
            self._tell(Event(Name.JOB_CANCELLED, done.at, {"job": job, "name": name, "reason": reason}))


def _next_at(tx: Transaction, now: datetime) -> datetime:
    """When to look again if nobody calls. A due job without a free slot is taken up when an attempt ends."""
    instants = [transitions.next_due(tx, after=now), transitions.next_overdue(tx), now + POLL]
    return min(instant for instant in instants if instant is not None)
