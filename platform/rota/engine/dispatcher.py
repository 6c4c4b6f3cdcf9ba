"""The dispatcher: gives free slots to due jobs, and has stored what running attempts report.

A pass claims and launches, by one statement that commits by itself where it can, while the recorder stores the ends of
the attempts before. Both end together, so under load every pass has a whole batch of both, and a lone job is claimed at
once.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec import structs

from rota.engine.attempt import Settled, announce
from rota.engine.directory import Directory
from rota.engine.doubts import Doubts
from rota.engine.identity import Identity
from rota.engine.live import LiveAttempts, Reported
from rota.engine.queues import Queues
from rota.engine.recorder import Recorded, Recorder
from rota.executors.base import Executor
from rota.model.background_job import Lease
from rota.model.event import Announce, Event, Name
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import Store, Transaction, claims, keys, outlook, transitions
from rota.store.driver import Writing

LONGEST_BATCH = 200
"""How many jobs of one queue a pass claims at most."""

POLL = timedelta(seconds=5)
"""How long a pass may be away without having been woken: a notification may be lost, the jobs it told of are not."""

SOON = timedelta(milliseconds=25)
"""When what a word about new jobs left open is asked: the methods that were just launched go first."""

UNKNOWN_FOR = timedelta(milliseconds=250)
"""How long it may stay unasked while more and more words come. For as long again it waits for a pass without new jobs:
so these are claimed by the shortest of ways."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a pass has claimed.

    `node` is the incarnation that claimed; `overdue` are (id, name) of jobs cancelled before they could run.
    """

    at: datetime
    node: str
    leases: list[Lease]
    overdue: list[tuple[str, str]]


class Dispatcher:
    """Claims and launches, and has the recorder settle; with `limit` no more than that many attempts.

    `ended` counts the attempts whose ends are stored, `handed_back` those of them that a stop of the engine ended.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        identity: Identity,
        directory: Directory,
        queues: Queues,
        live: LiveAttempts,
        recorder: Recorder,
        tell: Announce,
        on_stored: Callable[[], None],
        on_launched: Callable[[], None],
        on_scheduled_job_freed: Callable[[], None],
        limit: int | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._identity = identity
        self._directory = directory
        self._queues = queues
        self._live = live
        self._recorder = recorder
        self._tell = tell
        self._on_stored = on_stored
        self._on_launched = on_launched
        self._on_scheduled_job_freed = on_scheduled_job_freed
        self._passing = threading.Lock()
        self._accepting = True
        self._everywhere = True
        self._named: set[str] = set()
        """The queues that are said to hold jobs which are due."""
        self._backlog: set[str] = set()
        """The queues in which more jobs may be due than there were slots for."""
        self._next_at = clock.now()
        self._pass_keys_mark = clock.monotonic()
        """When keys that were freed elsewhere are to be passed on, whatever else there is to do (monotonic)."""
        self._doubts = Doubts(clock)
        self._executors: dict[str, Executor] = {}
        self._left = math.inf if limit is None else limit
        self.handed_back = 0
        self.ended = 0

    @property
    def has_enough(self) -> bool:
        """Whether it has begun as many attempts as it may."""
        return self._left <= 0

    def look_everywhere(self) -> None:
        """Somebody may have added or changed jobs: the next pass looks into every queue."""
        self._everywhere = True

    def look_into(self, queues: Collection[str]) -> None:
        """Somebody added jobs that are due: the next pass claims from these queues before it looks at anything else."""
        self._named.update(queues)

    def stop_claiming(self) -> None:
        """Begin no more attempts; returns once what a pass in progress has claimed is launched."""
        with self._passing:
            self._accepting = False

    def run_once(self) -> Pass:
        """One pass: claim and launch, and settle meanwhile; announce."""
        with self._passing:
            return self._run_once()

    def run_unless_busy(self) -> Pass | None:
        """The same in whatever thread came upon work; None where a pass is under way, which another has to follow."""
        if not self._passing.acquire(blocking=False):
            return None
        try:
            return self._run_once()
        finally:
            self._passing.release()

    def _run_once(self) -> Pass:
        reported, named = self._live.take_reported(), self._take_named()
        try:
            if not (reported or named or self._doubts or self._something_is_due()):
                return Pass({}, self._next_at)
            recording = self._recorder.begin(reported) if reported else None
            try:
                claimed = self._claim(reported, named)
                self._launch(claimed)
            finally:
                settled = self._note_ends(reported, recording)
        except BaseException:
            self._everywhere = True
            raise
        next_at = self._next_at
        if named:
            self._next_at = min(next_at, claimed.at + UNKNOWN_FOR)
            next_at = min(next_at, claimed.at + SOON)
        in_vain = bool(named) and not claimed.leases
        again = in_vain or bool(self._named) or len(claimed.leases) >= LONGEST_BATCH
        counts = {**settled.counts, "claimed": len(claimed.leases), "overdue": len(claimed.overdue)}
        return Pass(counts, next_at, again=again)

    def _take_named(self) -> set[str]:
        named = set()
        while self._named:  # one by one: the listener may add to them in this moment
            named.add(self._named.pop())
        return named

    def _something_is_due(self) -> bool:
        """Whether there is anything to claim, to cancel or to pass on, at the cost of one read."""
        self._everywhere = False  # before the look: somebody may say so in this moment
        self._directory.renew()
        now = self._clock.now()
        with self._store.glance() as tx:
            ahead = outlook.ahead(tx, now)
        self._next_at = min(filter(None, [ahead.due_later, ahead.overdue, now + POLL]))
        claims = bool(self._free_slots(self._queues.executors())) and ahead.due
        # Where writers take turns, whoever frees a key sees everybody who waits for it.
        passes_keys = ahead.key_free and not self._store.is_sqlite
        if passes_keys:
            self._pass_keys_mark = -math.inf
        if not (claims or passes_keys or (ahead.overdue is not None and ahead.overdue <= now)):
            return False
        self._everywhere = True
        return True

    def _claim(self, reported: Reported, named: Collection[str]) -> Claimed:
        """Claim for the slots that are free, in a transaction of its own.

        A pass that follows the ends of attempts or new jobs looks into the queues that had more than there were slots
        for, and those that were named; whatever else may be due is known to come later, or somebody will say so.
        Whether the new jobs were all due already is asked a moment later.
        """
        now = self._clock.now()
        # New jobs do not wait for what may be due besides: there is a moment between them, or it is asked with them.
        everywhere = self._everywhere or now >= self._next_at + (UNKNOWN_FOR if named else timedelta())
        if everywhere:  # else somebody may set it in this moment, and must not be overheard
            self._everywhere = False
        executors = self._queues.executors()
        self._executors.update(executors)  # a lease that comes to light may be of a queue that is gone by now
        wanted = set(executors) if everywhere else self._freed(reported).union(named).intersection(executors)
        slots = {queue: free for queue, free in self._free_slots(executors).items() if queue in wanted}
        self._backlog |= wanted.difference(slots)
        node = self._identity.incarnation
        if not (slots or everywhere or self._doubts):
            return Claimed(now, node, [], [])
        paths = self._directory.import_paths()
        in_doubt = bool(self._doubts)
        self._doubts.begin(now)
        if len(slots) == 1 and not (everywhere or in_doubt):
            with self._store.write_by_driver() as only:
                claimed = Claimed(now, node, self._claim_from(only, node, slots, now, paths), [])
        else:
            with self._store.write() as tx:
                overdue = self._tidy(tx, now) if everywhere else []
                found = self._doubts.come_to_light(tx, node, self._live.ids(), paths) if in_doubt else []
                leases = found + self._claim_from(tx, node, slots, now, paths, found=found)
                claimed = Claimed(now, node, leases, overdue)
                next_at = _next_at(tx, now) if everywhere else self._next_at
            self._next_at = next_at
        claimed = replace(claimed, leases=self._with_paths(claimed.leases, paths))
        self._doubts.end({now, *(lease.claimed_at for lease in claimed.leases)})
        self._left -= len(claimed.leases)
        return claimed

    def _tidy(self, tx: Transaction, now: datetime) -> list[tuple[str, str]]:
        """Cancel what is overdue, and pass on keys that became free elsewhere; returns who was cancelled."""
        overdue = self._cancel_overdue(tx, now)
        if overdue or self._clock.monotonic() >= self._pass_keys_mark:
            keys.pass_on(tx)
            self._pass_keys_mark = self._clock.monotonic() + POLL.total_seconds()
        return overdue

    def _freed(self, reported: Reported) -> set[str]:
        """The queues with a backlog in which attempts have ended."""
        return {each.live.lease.queue for each in reported.ended} & self._backlog

    def _cancel_overdue(self, tx: Transaction, now: datetime) -> list[tuple[str, str]]:
        at = outlook.next_overdue(tx)
        return transitions.cancel_overdue(tx, now) if at is not None and at <= now else []

    def _claim_from(
        self,
        tx: Writing,
        node: str,
        slots: Mapping[str, int],
        now: datetime,
        paths: Mapping[str, tuple[str, ...]],
        *,
        found: Sequence[Lease] = (),
    ) -> list[Lease]:
        """Claim for the free slots, less those that the leases take which were found."""
        taken = Counter(lease.queue for lease in found)
        left = self._left - len(found)
        leases: list[Lease] = []
        for queue, free in slots.items():
            limit = min(free - taken[queue], LONGEST_BATCH, left - len(leases))
            claimed = (
                claims.claim(tx, node=node, queue=queue, limit=int(limit), now=now, paths=paths) if limit > 0 else []
            )
            if len(claimed) < limit:
                self._backlog.discard(queue)
            else:
                self._backlog.add(queue)
            leases += claimed
        return leases

    def _with_paths(self, leases: list[Lease], paths: Mapping[str, tuple[str, ...]]) -> list[Lease]:
        """The leases with the import paths of their configurations, should one have come a moment before its job."""
        if all(lease.configuration is None or lease.configuration in paths for lease in leases):
            return leases
        self._directory.forget()
        paths = self._directory.import_paths()
        return [
            structs.replace(each, attempt=structs.replace(each.attempt, path=paths.get(each.configuration or "", ())))
            for each in leases
        ]

    def _free_slots(self, executors: Mapping[str, Executor]) -> dict[str, int]:
        """How many attempts each queue may begin now; queues with none are left out."""
        if not self._accepting or self._left <= 0:
            return {}
        free = {queue: executor.slots - self._live.busy(queue) for queue, executor in executors.items()}
        return {queue: count for queue, count in free.items() if count > 0}

    def _launch(self, claimed: Claimed) -> None:
        """Give the claimed jobs to their executors, unless this node lost its leases in this very moment."""
        with self._live.launching:
            if claimed.node == self._identity.incarnation:
                for lease in claimed.leases:
                    self._start(lease, claimed.node, self._executors[lease.queue])
        if any(lease.timeout or lease.stop_at or lease.completion_interval for lease in claimed.leases):
            self._on_launched()
        for job, name in claimed.overdue:
            reason = "its completion time was reached before it could run"
            self._tell(Event(Name.JOB_CANCELLED, claimed.at, {"job": job, "name": name, "reason": reason}))
        if claimed.overdue:
            self._on_stored()
            self._on_scheduled_job_freed()
        for lease in claimed.leases:
            facts = {"job": lease.attempt.job, "name": lease.attempt.name, "attempt": lease.attempt.number}
            self._tell(Event(Name.JOB_STARTED, claimed.at, facts))

    def _start(self, lease: Lease, node: str, executor: Executor) -> None:
        live = self._live.add(lease, node, executor)
        try:
            executor.start(self._directory.located(lease.attempt, lease.configuration), self._live)
        except Exception as error:  # noqa: BLE001 -- whatever keeps an attempt from starting is its end
            info = ErrorInfo(type=type(error).__name__, message=f"the attempt could not be started: {error}")
            self._live.ended(live.id, self._clock.now(), Outcome(end=End.DIED, error=info))

    def _note_ends(self, reported: Reported, recording: Future[Recorded] | None) -> Settled:
        """Forget the attempts whose ends are stored by now. What this lets begin is claimed next."""
        if recording is None:
            return Settled()
        try:
            recorded = recording.result()
        except BaseException:
            self._live.give_back(reported)
            raise
        settled = recorded.settled
        self._named |= settled.lets_begin(recorded.at)
        self._next_at = min([self._next_at, *settled.restarts_at])
        self._live.remove([ended.live for ended, _ in settled.endings] + list(settled.refused))
        self._queues.close_unused({live.executor for live in self._live.all()})
        self.handed_back += settled.handed_back
        self.ended += len(settled.endings)
        announce(settled, self._tell, recorded.at)
        self._on_stored()
        if settled.frees_scheduled_jobs:
            self._on_scheduled_job_freed()
        return settled


def _next_at(tx: Transaction, now: datetime) -> datetime:
    """When to look again if nobody calls. A due job without a free slot is taken up when an attempt ends."""
    instants = [outlook.next_due(tx, after=now), outlook.next_overdue(tx), now + POLL]
    return min(instant for instant in instants if instant is not None)
