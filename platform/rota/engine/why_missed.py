"""Why an occurrence was missed, in the words of its note. Pure; called by the scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rota.model.lock import Lock
from rota.model.scheduled_job import ScheduledJob

if TYPE_CHECKING:
    from rota.schedule import Occurrence

LATE = timedelta(seconds=30)
"""How late an engine may look again at a job that was held: later than that, none was running."""


def why_missed(job: ScheduledJob, first: Occurrence, last: Occurrence, past: Sequence[Lock]) -> str:
    """What kept the last missed occurrence from starting, as far as the job's own row and past locks can tell.

    Of what ended before that, but kept others of them from starting, it says so: a lock, or what held the job when an
    engine last looked.
    """
    closed = _closed(last)
    end = job.last_job.end_at if job.last_job else None
    if end is not None and end >= closed:
        return "the previous run was still going"
    if end is not None and end + timedelta(seconds=last.repeat_pause) >= closed:
        return "the pause after the previous run was not over"
    if job.held and job.look_at is not None and closed <= job.look_at + LATE:
        return job.held
    locked = [each for each in past if each.since < closed and _lasts_until(each, _closed(first))]
    to_the_end = next((each for each in locked if _lasts_until(each, closed)), None)
    if to_the_end:
        return to_the_end.wording
    before = job.held or (locked[0].wording if locked else None)
    return f"{before}; later no engine was running" if before else "no engine was running"


def _closed(occurrence: Occurrence) -> datetime:
    """When it could not begin any more."""
    return occurrence.closes_at + timedelta(seconds=1)


def _lasts_until(lock: Lock, instant: datetime) -> bool:
    return lock.until is None or lock.until >= instant
