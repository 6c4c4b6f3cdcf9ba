"""Overrides that end by themselves: what a scheduled job is once some of them are over.

Pure. The scheduler and whoever changes the job write it down; who only reads sees it at once, even without an engine.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import asdict, replace

from rota.model.scheduled_job import ScheduledJob
from rota.model.timing import timing_from


def lapsed(job: ScheduledJob, now: datetime) -> ScheduledJob:
    """The job without the overrides that were over by `now`; itself if there are none.

    Where that changes its schedule or whether it is used, it is active since the override ended, and not since
    somebody noticed: what was due in between is late, not forgotten.
    """
    for end in sorted({each.until for each in job.overrides.values() if each.until and each.until <= now}):
        job = _without_ended(job, end)
    return job


def _without_ended(job: ScheduledJob, end: datetime) -> ScheduledJob:
    kept = {name: each for name, each in job.overrides.items() if each.until is None or each.until > end}
    after = replace(job, overrides=kept)
    if (after.effective("schedule"), after.use) == (job.effective("schedule"), job.use):
        return after
    return replace(after, held=None, **asdict(timing_from(end, after.schedule, use=after.use)))
