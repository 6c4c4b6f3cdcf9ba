"""The scheduler: turns due occurrences of scheduled jobs into background jobs. It never executes anything.

While a lock keeps scheduled jobs from starting, a pass does nothing: what is due stays due, and what is missed
meanwhile is noted afterwards, with the lock as its reason. What is due for a disabled user is held back likewise.

A pass is one transaction: the jobs whose time to be looked at has come are locked, pure code decides about each,
background jobs are inserted, and every job's next look is compared and set. Whatever dies in between, an occurrence has
made its background job, and is marked as having done so, or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from rota.engine.scheduled_start import background_job_of
from rota.engine.why_missed import why_missed
from rota.model.background_job import NewJob
from rota.model.event import Announce, Event, Name
from rota.model.lock import Lock
from rota.model.scheduled_job import ScheduledJob
from rota.model.timing import next_start
from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store import (
    Store,
    Transaction,
    configurations,
    keys,
    lapses,
    locks,
    missed_notes,
    new_jobs,
    scheduled_jobs,
    users,
)
from rota.store.looks import Look, note_looks
from rota.store.missed_notes import Missed
from rota.store.wakeups import wake_dispatchers

if TYPE_CHECKING:
    from rota.schedule import Assessment

BATCH = 500
"""How many scheduled jobs a pass looks at; a full batch is followed by another pass at once."""

HELD_FOR = timedelta(seconds=1)
"""How soon a due occurrence whose key is taken is looked at again."""

DISABLED_FOR = timedelta(seconds=30)
"""How soon a due occurrence whose user is disabled is looked at again."""

POLL = timedelta(seconds=30)


class Decision(msgspec.Struct, frozen=True):
    """What a pass decided about one job: when to look next, and perhaps a run and missed occurrences.

    `first_open` is the earliest of the occurrences that make this run.
    """

    job: ScheduledJob
    look: Look
    start: NewJob | None = None
    missed: Missed | None = None
    first_open: datetime | None = None


class Scheduler:
    """Looks at scheduled jobs when their time has come."""

    def __init__(
        self, store: Store, clock: Clock, *, tell: Announce, on_queued: Callable[[Collection[str]], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._on_queued = on_queued

    def run_once(self) -> Pass:
        now = self._clock.now()
        with self._store.glance() as tx:
            ahead = scheduled_jobs.ahead(tx)
        at = ahead.first
        if at is not None:
            import_module("rota.schedule.schedule")  # before anything is due, which would wait for it
        if at is None or at > now:
            return Pass({}, min(at or now + POLL, now + POLL))
        with self._store.write() as tx:
            if locks.share_all(tx, now):
                return Pass({}, now + POLL)  # whoever sees the lock end says so
            lapsed = ahead.lapse_at is not None and ahead.lapse_at <= now
            restored = lapses.restore(tx, now, BATCH) if lapsed else []
            jobs = scheduled_jobs.due(tx, now, BATCH)
            decisions, queues = _start_unless_held(tx, _decide(tx, jobs, now))
            note_looks(tx, [decision.look for decision in decisions])
            missed_notes.add(tx, [each.missed for each in decisions if each.missed])
            again = BATCH in {len(jobs), len(restored)}
            next_at = now if again else scheduled_jobs.next_look(tx)
            wake_dispatchers(tx, queues)  # this node may have no slot free, another one may
        for job in restored:
            over = [name for name, each in job.overrides.items() if each.until and each.until <= now]
            self._tell(Event(Name.OVERRIDE_ENDED, now, {"name": job.name, "scheduled_job": job.id, "properties": over}))
        self._announce(decisions, now)
        if queues:
            self._on_queued(queues)
        started = sum(1 for each in decisions if each.look.active_job)
        counts = {"looked": len(decisions), "started": started, "missed": sum(each.look.missed for each in decisions)}
        return Pass(counts, min(next_at or now + POLL, now + POLL), again=again)

    def _announce(self, decisions: list[Decision], now: datetime) -> None:
        for each in decisions:
            facts = {"name": each.job.name, "scheduled_job": each.job.id}
            if each.missed:
                missed = each.missed
                self._tell(Event(Name.JOB_MISSED, now, {**facts, **missed.to_data()}))
            if each.look.active_job and each.start:
                due = {"job": each.start.id, "nominal_start": each.start.nominal_start}
                self._tell(Event(Name.JOB_DUE, now, {**facts, **due}))
            elif each.look.held and each.look.held != each.job.held:
                self._tell(Event(Name.JOB_HELD, now, {**facts, "reason": each.look.held}))


def _decide(tx: Transaction, jobs: Sequence[ScheduledJob], now: datetime) -> list[Decision]:
    decisions = [decide(job, now) for job in jobs]
    if not any(each.missed for each in decisions):
        return decisions
    past = locks.covering(tx, min(each.look.seen for each in decisions))
    return [decide(job, now, past) for job in jobs] if past else decisions


def decide(job: ScheduledJob, now: datetime, past: Sequence[Lock] = ()) -> Decision:
    """What is to be done about a scheduled job that has no run in progress. Pure.

    `past` are locks under which it may have missed an occurrence; `until` is when each ended.

    While a pause holds back an open occurrence, missed ones are not noted yet: in a union they may be later than it,
    and what has been noted is never looked at again.
    """
    if job.look_at is None:
        raise ValueError("a job without a time to look at it is not to be decided about")
    schedule = job.schedule
    if schedule is None:
        return Decision(job, _look(job, considered=job.considered, next_start=None, look_at=None))
    last = job.last_job
    assessed = schedule.assess(
        now,
        active_since=job.active_since,
        considered=job.considered,
        last_begin=last.begin_at if last else None,
        last_end=last.end_at if last else None,
    )
    # While a pause holds an open occurrence back, missed ones of other windows are left for the look after the pause:
    # noting them moves the cursor, past the open one too.
    missed = None if assessed.held_by_pause else _missed(job, assessed, now, past)
    following = next_start(now, job.active_since, schedule)
    count = missed.count if missed else 0
    if assessed.due is None:
        considered = max(job.considered, missed.last_start) if missed else job.considered
        look = _look(job, considered=considered, next_start=following, look_at=assessed.look_again, missed=count)
        return Decision(job, look, missed=missed)
    start = _new_job(job, assessed, now)
    look = _look(job, considered=now, next_start=following, look_at=following, missed=count, active_job=start.id)
    return Decision(job, look, start=start, missed=missed, first_open=assessed.first_open)


def _look(
    job: ScheduledJob,
    *,
    considered: datetime,
    next_start: datetime | None,
    look_at: datetime | None,
    missed: int = 0,
    active_job: str | None = None,
    held: str | None = None,
) -> Look:
    if job.look_at is None:
        raise ValueError("a job without a time to look at it cannot have been looked at")
    return Look(
        id=job.id,
        seen=job.look_at,
        considered=considered,
        next_start=next_start,
        look_at=look_at,
        active_job=active_job,
        held=held,
        missed=missed,
    )


def _missed(job: ScheduledJob, assessed: Assessment, now: datetime, past: Sequence[Lock]) -> Missed | None:
    first, last = assessed.first_missed, assessed.last_missed
    if first is None or last is None:
        return None
    return Missed(
        scheduled_job=job.id,
        first_start=first.start,
        last_start=last.start,
        count=assessed.missed,
        reason=why_missed(job, first, last, past),
        at=now,
    )


def _new_job(job: ScheduledJob, assessed: Assessment, now: datetime) -> NewJob:
    due = assessed.due
    if due is None:
        raise ValueError("nothing is due")
    return background_job_of(job, now, nominal_start=due.start, stop_at=due.stop_at, interval=due.completion_interval)


def _start_unless_held(tx: Transaction, decisions: list[Decision]) -> tuple[list[Decision], set[str]]:
    """Insert the background jobs; an occurrence whose key is taken, or whose user is disabled, stays due.

    Returns what is decided then, and the queues that the jobs are in.
    """
    starts = [each.start for each in decisions if each.start]
    if not starts:
        return decisions, set()
    disabled = users.disabled(tx, {each.user for each in starts})
    allowed = [each for each in starts if each.user not in disabled]
    queues = configurations.queues_of(tx, allowed)
    inserted = new_jobs.insert_jobs(tx, allowed, queues) if allowed else set()
    decided = [
        each if each.start is None or each.start.id in inserted else _held(tx, each, each.start, disabled)
        for each in decisions
    ]
    return decided, {queues[job] for job in inserted}


def _held(tx: Transaction, decision: Decision, start: NewJob, disabled: Collection[str]) -> Decision:
    job = decision.job
    if start.user in disabled:
        why, again = f"user {start.user!r} is disabled", DISABLED_FOR
    else:
        holder = keys.holder(tx, start.key_scope, start.key or "")
        why, again = f"key {start.key!r} is in use by background job {holder}", HELD_FOR
    missed = _missed_before_what_is_open(decision)
    look = _look(
        job,
        considered=max(job.considered, missed.last_start) if missed else job.considered,
        next_start=decision.look.next_start,
        look_at=start.created_at + again,
        missed=missed.count if missed else 0,
        held=why,
    )
    return Decision(job, look, missed=missed)


def _missed_before_what_is_open(decision: Decision) -> Missed | None:
    """What was missed, unless some of it is later than an open occurrence: noting it moves the cursor past that one."""
    missed, first_open = decision.missed, decision.first_open
    return missed if missed and first_open and missed.last_start < first_open else None
