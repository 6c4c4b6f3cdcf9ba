"""The dispatcher: stores what running attempts report, and gives free slots to due jobs.

Both happen in one transaction a pass. While a pass runs, more attempts end; so under load every commit settles and
claims many jobs, and a lone job is still claimed at once.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rota.engine.attempt import Settled, announce, settle
from rota.engine.directory import Directory
from rota.engine.identity import Identity
from rota.engine.live import LiveAttempts, Reported
from rota.engine.pools import Pools
from rota.executors.base import Executor
from rota.model.attempt import Attempt
from rota.model.background_job import Lease
from rota.model.event import Announce, Event, Name
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.transitions import Stop
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, Transaction, nodes, transitions

LONGEST_BATCH = 200
"""How many jobs of one queue a pass claims at most."""

POLL = timedelta(seconds=5)
"""How long a pass may be away without having been woken: a notification may be lost, the jobs it told of are not."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that became this node's, and what it takes to launch it."""

    lease: Lease
    attempt: Attempt
    executor: Executor


@dataclass(frozen=True, slots=True)
class Round:
    """What one transaction did.

    `node` is the incarnation that claimed; `overdue` are (id, name) of jobs cancelled before they could run.
    """

    at: datetime
    node: str
    settled: Settled
    claims: list[Claim]
    overdue: list[tuple[str, str]]
    next_at: datetime

    @property
    def frees_scheduled_jobs(self) -> bool:
        return any(ending.scheduled_job for _, ending in self.settled.endings) or bool(self.overdue)

    @property
    def handed_back(self) -> int:
        return sum(1 for _, ending in self.settled.endings if ending.next.reason == Stop.SHUTDOWN)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "settled": len(self.settled.endings),
            "records": len(self.settled.emitted),
            "claimed": len(self.claims),
            "overdue": len(self.overdue),
        }


class Dispatcher:
    """Settles and claims. `handed_back` counts the attempts that a stop of the engine ended."""

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
        self._passing = threading.Lock()
        self._accepting = True
        self._in_doubt: list[Claim] = []
        self.handed_back = 0

    def stop_claiming(self) -> None:
        """Begin no more attempts; returns once what a pass in progress has claimed is launched."""
        with self._passing:
            self._accepting = False

    def run_once(self) -> Pass:
        """One pass: settle, claim, launch, announce."""
        with self._passing:
            return self._run_once()

    def _run_once(self) -> Pass:
        reported = self._live.take_reported()
        if not reported and not self._in_doubt:
            due, next_at = self._glance()
            if not due:
                return Pass({}, next_at)
        try:
            done = self._transact(reported)
        except BaseException:
            self._live.give_back(reported)
            raise
        self._live.remove([ended.live for ended, _ in done.settled.endings] + list(done.settled.refused))
        self.handed_back += done.handed_back
        self._launch(done)
        self._pools.close_unused({live.executor for live in self._live.all()})
        self._announce(done)
        if done.frees_scheduled_jobs:
            self._on_scheduled_job_freed()
        return Pass(done.counts, done.next_at, again=len(done.claims) >= LONGEST_BATCH)

    def _glance(self) -> tuple[bool, datetime]:
        """Whether there is anything to claim or to cancel now, and when there will be."""
        now = self._clock.now()
        with self._store.read() as tx:
            due = transitions.next_due(tx)
            overdue = transitions.next_overdue(tx)
            next_at = self._next_at(tx, now)
        claims = due is not None and due <= now and bool(self._free_slots(self._pools.executors()))
        return claims or (overdue is not None and overdue <= now), next_at

    def _transact(self, reported: Reported) -> Round:
        now = self._clock.now()
        executors = self._pools.executors()
        node = self._identity.incarnation
        with self._store.write() as tx:
            settled = settle(tx, reported, now)
            overdue = transitions.cancel_overdue(tx, now)
            claims = self._still_held(tx, node) + self._claim(tx, node, executors, now)
            next_at = self._next_at(tx, now)
            # A server may commit and die before it says so. Until it does, these are neither ours nor not.
            self._in_doubt = claims
        self._in_doubt = []
        return Round(now, node, settled, claims, overdue, next_at)

    def _still_held(self, tx: Transaction, node: str) -> list[Claim]:
        """The claims of the pass before, which failed at its end, that are in the database after all."""
        leases = [(claim.lease.sequence, claim.attempt.number) for claim in self._in_doubt]
        held = transitions.held(tx, node, leases) if leases else {}
        return [claim for claim in self._in_doubt if claim.lease.sequence in held]

    def _claim(self, tx: Transaction, node: str, executors: Mapping[str, Executor], now: datetime) -> list[Claim]:
        slots = self._free_slots(executors)
        due = transitions.next_due(tx) if slots else None
        if due is None or due > now or not self._may_claim(tx, node):
            return []
        leases: list[Lease] = []
        for pool, free in slots.items():
            leases += transitions.claim(tx, node=node, pool=pool, limit=min(free, LONGEST_BATCH), now=now)
        paths = self._directory.import_paths(tx) if leases else {}
        return [
            Claim(lease, lease.attempt.within(paths.get(lease.configuration, ())), executors[lease.pool])
            for lease in leases
        ]

    def _may_claim(self, tx: Transaction, node: str) -> bool:
        """A node that was declared lost, and does not know it yet, would lose at once whatever it claims."""
        return self._store.is_sqlite or any(each.id == node for each in nodes.active(tx))

    def _next_at(self, tx: Transaction, now: datetime) -> datetime:
        """When to look again if nobody calls. A due job without a free slot is taken up when an attempt ends."""
        instants = [transitions.next_due(tx, after=now), transitions.next_overdue(tx), now + POLL]
        return min(instant for instant in instants if instant is not None)

    def _free_slots(self, executors: Mapping[str, Executor]) -> dict[str, int]:
        """How many attempts each queue may begin now; queues with none are left out."""
        if not self._accepting:
            return {}
        in_doubt = Counter(claim.lease.pool for claim in self._in_doubt)
        free = {pool: executor.slots - self._live.busy(pool) - in_doubt[pool] for pool, executor in executors.items()}
        return {pool: count for pool, count in free.items() if count > 0}

    def _launch(self, done: Round) -> None:
        """Give the claimed jobs to their executors, unless this node lost its leases in this very moment."""
        with self._live.launching:
            if done.node != self._identity.incarnation:
                return
            for claim in done.claims:
                self._start(claim, done.node)
        if any(c.lease.timeout or c.lease.stop_at or c.lease.completion_interval for c in done.claims):
            self._on_launched()

    def _start(self, claim: Claim, node: str) -> None:
        live = self._live.add(claim.lease, node, claim.executor)
        try:
            claim.executor.start(claim.attempt, self._live)
        except Exception as error:  # noqa: BLE001 -- whatever keeps an attempt from starting is its end
            info = ErrorInfo(type=type(error).__name__, message=f"the attempt could not be started: {error}")
            self._live.ended(live.id, self._clock.now(), Outcome(end=End.DIED, error=info))

    def _announce(self, done: Round) -> None:
        announce(done.settled, self._tell, done.at)
        for job, name in done.overdue:
            reason = "its completion time was reached before it could run"
            self._tell(Event(Name.JOB_CANCELLED, done.at, {"job": job, "name": name, "reason": reason}))
        for claim in done.claims:
            facts = {"job": claim.attempt.job, "name": claim.attempt.name, "attempt": claim.attempt.number}
            self._tell(Event(Name.JOB_STARTED, done.at, facts))
