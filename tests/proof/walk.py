"""Walks the real scheduler, on a real database, through simulated time: from one instant at which something happens to
the next. Runs take as long as a story says and do nothing; everything else is the engine's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush

from sqlalchemy import select

from rota.app import locks
from rota.app.context import Context
from rota.model.background_job import Lease
from rota.model.event import Event, Name
from rota.model.lock import LockName
from rota.model.outcome import End
from rota.model.scheduled_job import ScheduledJob
from rota.model.states import State
from rota.model.transitions import Next
from rota.model.users import ADMINISTRATOR
from rota.store import Store, claims, scheduled_jobs, transitions
from rota.store.missed_notes import Missed
from rota.store.tables import missed
from rota.store.transitions import Ending
from rota.testing import SettableClock, queue_job
from tests.proof.foretelling import Hold, Outage, Start, Story
from tests.support.node import Node

NEVER = timedelta(days=40_000)
RETAIN_EVERY = 300
"""After how many runs retention makes a pass, so that the database stays as small as it is in use."""


class Walk:
    """`starts` and `misses` are what happened, by the job's id. The jobs share outages, locks and one executor."""

    def __init__(
        self, store: Store, clock: SettableClock, jobs: Mapping[str, ScheduledJob], stories: Mapping[str, Story]
    ) -> None:
        self.starts: dict[str, list[Start]] = defaultdict(list)
        self.misses: dict[str, list[Missed]] = defaultdict(list)
        self._store = store
        self._clock = clock
        self._jobs = jobs
        self._stories = stories
        self._context = Context(store, clock, ADMINISTRATOR)
        self._outages = next(iter(stories.values())).outages
        self._locks = next(iter(stories.values())).locks
        self._queue = str(next(iter(jobs.values())).effective("executor"))
        self._due: dict[str, datetime] = {}
        self._running: list[tuple[datetime, int, Lease]] = []
        self._holders: dict[str, str] = {}
        self._node = Node(store, clock, tell=self._hear)
        self._ended = 0
        self._last_note = 0

    def until(self, end: datetime) -> None:
        """Walk from the clock's present to that instant."""
        holds = [hold for story in self._stories.values() for hold in story.holds]
        halts: list[Outage | Hold] = [*self._outages, *self._locks, *holds]
        boundaries = sorted({end, *(each for halt in halts for each in (halt.begin, halt.end))}, reverse=True)
        self._node.enter()
        try:
            while boundaries:
                now = self._next(boundaries[-1])
                self._clock.set(now)
                self._end_runs(now)
                if now == boundaries[-1]:
                    self._move_holds(boundaries.pop())
                if not self._is_down(now):
                    self._look(now)
            self._read_notes()
        finally:
            self._node.close()

    def _next(self, boundary: datetime) -> datetime:
        """When something happens next."""
        instants = [boundary]
        if self._running:
            instants.append(self._running[0][0])
        if not self._is_down(self._clock.now()) and not self._is_locked(self._clock.now()):
            with self._store.read() as tx:
                look = scheduled_jobs.next_look(tx)
            if look is not None:
                instants.append(max(look, self._clock.now()))
        return min(instants)

    def _is_down(self, now: datetime) -> bool:
        return any(each.begin <= now < each.end for each in self._outages)

    def _is_locked(self, now: datetime) -> bool:
        return any(each.begin <= now < each.end for each in self._locks)

    # The engine's part

    def _hear(self, event: Event) -> None:
        if event.name == Name.JOB_DUE:
            self._due[event.facts["job"]] = event.facts["nominal_start"]

    def _look(self, now: datetime) -> None:
        """A pass of the scheduler, and what it started begins."""
        while self._node.run("scheduler").again:
            pass
        if self._due:
            with self._store.write() as tx:
                node = self._node.engine.identity.incarnation
                leases = claims.claim(tx, node=node, queue=self._queue, limit=1000, now=now, paths={})
            for lease in leases:
                self._begin(lease)

    def _begin(self, lease: Lease) -> None:
        job = str(lease.scheduled_job)
        self.starts[job].append(Start(self._due.pop(lease.attempt.job), lease.begin_at))
        end = self._stories[job].end_of_run(lease.begin_at, lease.stop_at)
        heappush(self._running, (end, lease.sequence, lease))

    def _end_runs(self, now: datetime) -> None:
        over = []
        while self._running and self._running[0][0] <= now:
            over.append(heappop(self._running)[2])
        if over:
            with self._store.write() as tx:
                transitions.end_attempts(tx, [self._ending(lease, now) for lease in over])
            self._ended += len(over)
            if self._ended >= RETAIN_EVERY:
                self._ended = 0
                self._read_notes()
                self._node.run("retention")

    def _ending(self, lease: Lease, now: datetime) -> Ending:
        return Ending(
            sequence=lease.sequence,
            job=lease.attempt.job,
            number=lease.attempt.number,
            node=self._node.engine.identity.incarnation,
            begin_at=lease.claimed_at,
            end_at=now,
            process=None,
            end=End.RETURNED,
            next=Next(state=State.COMPLETED, restarts=0),
            scheduled_job=lease.scheduled_job,
            run_begin=lease.begin_at,
        )

    def _read_notes(self) -> None:
        """Take the misses noted since the last time from the database, before they are forgotten."""
        query = select(missed).where(missed.c.id > self._last_note).order_by(missed.c.id)
        with self._store.read() as tx:
            for row in tx.execute(query).mappings():
                facts = dict(row)
                self._last_note = facts.pop("id")
                self.misses[facts["scheduled_job"]].append(Missed(**facts))

    # Holds: another job has the key

    def _move_holds(self, now: datetime) -> None:
        if any(each.end == now for each in self._locks):
            locks.unlock(self._context, LockName.SCHEDULED_JOBS)
        if any(each.begin == now for each in self._locks):
            locks.lock(self._context, LockName.SCHEDULED_JOBS, reason="a walk")
        for job, story in self._stories.items():
            if any(hold.end == now for hold in story.holds) and job in self._holders:
                with self._store.write() as tx:
                    transitions.request_cancel(tx, self._holders.pop(job), by="tester", grace=None, now=now)
            if any(hold.begin == now for hold in story.holds):
                self._hold(self._jobs[job], now)

    def _hold(self, job: ScheduledJob, now: datetime) -> None:
        if any(lease.scheduled_job == job.id for _, _, lease in self._running):
            return
        self._holders[job.id] = queue_job(
            self._store,
            now=now,
            method="holder:hold",
            key=str(job.effective("key")),
            key_scope=f"definition {job.definition_id}",
            due_at=now + NEVER,
        )
