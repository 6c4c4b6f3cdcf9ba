"""A scheduled job's place in time: what the database keeps so that nothing fires twice and nothing is forgotten.

Pure. An update, an override and the scheduler compute it; the store keeps it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from rota.schedule import Schedule

_INSTANT = timedelta(microseconds=1)


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """`active_since`: no occurrence starts before it. `considered`: every occurrence up to it has been dealt with.

    `next_start`: the next nominal start, for people. `look_at`: when the scheduler must look at the job next; None: not
    before somebody changes it.
    """

    active_since: datetime
    considered: datetime
    next_start: datetime | None
    look_at: datetime | None


def timing_from(now: datetime, schedule: Schedule | None, *, use: bool) -> Timing:
    """The timing of a job that gets this schedule, or is switched on or off, at `now`."""
    considered = now - _INSTANT
    start = next_start(considered, now, schedule) if use else None
    return Timing(active_since=now, considered=considered, next_start=start, look_at=start)


@lru_cache(maxsize=1024)  # jobs that share a schedule and come due together, or come with one update, ask the same
def next_start(after: datetime, active_since: datetime, schedule: Schedule | None) -> datetime | None:
    """The first nominal start later than `after`, if there is one."""
    if schedule is None:
        return None
    found = schedule.next_occurrences(after, 1, active_since=active_since)
    return found[0].start if found else None
