"""Why an occurrence was missed, in the words of its note. Pure; called by the scheduler."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rota.model.lock import Lock
from rota.model.scheduled_job import ScheduledJob

if TYPE_CHECKING:
    from rota.schedule import Occurrence


def why_missed(job: ScheduledJob, first: Occurrence, last: Occurrence, past: Sequence[Lock]) -> str:
    """What kept the last missed occurrence from starting, as far as the job's own row and past locks can tell.

    Of a lock that ended before that, but kept others of them from starting, it says so.
    """
    if job.held:
        return job.held
    closed = _closed(last)
    end = job.last_job.end_at if job.last_job else None
    if end is not None and end >= closed:
        return "the previous run was still going"
    if end is not None and end + timedelta(seconds=last.repeat_pause) >= closed:
        return "the pause after the previous run was not over"
    locked = [each for each in past if each.since < closed and _lasts_until(each, _closed(first))]
    if not locked:
        return "no engine was running"
    to_the_end = next((each for each in locked if _lasts_until(each, closed)), None)
    return to_the_end.wording if to_the_end else f"{locked[0].wording}; later no engine was running"


def _closed(occurrence: Occurrence) -> datetime:
    """When it could not begin any more."""
    return occurrence.closes_at + timedelta(seconds=1)


def _lasts_until(lock: Lock, instant: datetime) -> bool:
    return lock.until is None or lock.until >= instant
