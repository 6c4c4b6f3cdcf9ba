"""What a scheduler pass must do about one job: the oracle of the machine of schedules.

It takes a job's effective schedule and its last run from the database, and the occurrences from the plain oracle of the
rules; it shares no code with the scheduler.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from rota.model.scheduled_job import ScheduledJob
from tests.schedule import oracle
from tests.schedule.oracle import SECOND, Expected

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Verdict:
    """`start`: the nominal start of the run to make, `missed`: the nominal starts to be noted as missed.

    `first_open` is the earliest occurrence that could start but for whatever holds the job.
    """

    start: datetime | None = None
    missed: tuple[datetime, ...] = ()
    first_open: datetime | None = None

    @property
    def where_held(self) -> Verdict:
        """What is left of it where a key or a user holds the job back: nothing earlier than what was noted is lost."""
        if self.start is None or self.first_open is None:
            return self
        noted = self.missed and self.missed[-1] < self.first_open
        return Verdict(None, self.missed if noted else (), self.first_open)


NOTHING = Verdict()


@dataclass
class Seen:
    """How far a job's occurrences have been dealt with, since it is active; and up to when it was looked at."""

    since: datetime
    dealt_with: datetime

    @classmethod
    def anew(cls, since: datetime) -> Seen:
        return cls(since, since - INSTANT)


def verdict(job: ScheduledJob, seen: Seen, now: datetime) -> Verdict:
    """What is to be done about a job that no lock holds."""
    if job.active_job is not None or not job.use or job.schedule is None:
        return NOTHING
    last = job.last_job
    begin = last.begin_at if last else None
    end = last.end_at if last else None
    after = max(each for each in (seen.dealt_with, begin) if each is not None)
    left = [each for each in _occurrences(job, seen.since, now) if each.start > after]
    open_ = [each for each in left if now < each.closes_at + SECOND]
    free = [each for each in open_ if end is None or end + timedelta(seconds=each.pause) <= now]
    starts = {each.start for each in open_}
    missed = tuple(sorted({each.start for each in left} - starts))
    if free:
        return Verdict(max(each.start for each in free), missed, min(starts))
    return NOTHING if open_ else Verdict(None, missed)


def _occurrences(job: ScheduledJob, since: datetime, now: datetime) -> list[Expected]:
    data: Any = job.effective("schedule")
    members: Sequence[Mapping[str, Any]] = data if isinstance(data, list) else [data]
    return [each for member in members for each in oracle.calendar_occurrences(dict(member), since, now)]
