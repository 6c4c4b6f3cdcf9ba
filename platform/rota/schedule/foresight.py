"""What only the calendar tells: how seldom a schedule matches, and which start a clock change moves. Used by advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rota.schedule.calendars import Calendar
from rota.schedule.cron import Cron
from rota.schedule.zones import DAY, FIRST_DAY, LAST_DAY, Zone

_YEARS = 28
"""After so many years dates fall on the same weekdays again, in a century that has all its leap years."""

_SOME_DAY = date(2001, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Moved:
    """A start on a date when its time of day does not exist, and the time that stands in for it, in seconds.

    `whole_day`: no start of that day keeps its time.
    """

    day: date
    time: int
    to: int
    whole_day: bool


def seldom(member: Calendar | Cron) -> tuple[int, int] | None:
    """On how many days in how many years it matches, if those are fewer days than years.

    None for one single day, and for a schedule that ends before it could match twice.
    """
    if isinstance(member, Calendar) and member.days_repeat_period == 0:
        return None
    begin = member.begin_date.toordinal() if member.begin_date else _SOME_DAY
    end = min(begin + round(_YEARS * 365.25), LAST_DAY)
    if member.end_date:
        end = min(end, member.end_date.toordinal() + 1)
    years = int((end - begin) / 365.25)
    count, day = 0, member.days.first(begin, begin)
    while count < years and day is not None and day < end:
        count += 1
        day = member.days.first(day + 1, begin)
    return (count, years) if count < years else None


def moved(member: Calendar | Cron, times: Sequence[int], since: date) -> Moved | None:
    """The first start in the year after `since` that clocks jump over."""
    anchor = member.begin_date.toordinal() if member.begin_date else None
    zone = member.zone
    for day in _days_with_a_gap(zone, max(since.toordinal(), anchor or FIRST_DAY)):
        lost = [time for time in times if not zone.readings(day, time)]
        if lost and member.days.first(day, anchor) == day:
            then = zone.local(zone.instant(day, lost[0]))
            to = then.hour * 3600 + then.minute * 60 + then.second
            return Moved(date.fromordinal(day), lost[0], to, whole_day=len(lost) == len(times))
    return None


@lru_cache(maxsize=256)
def _days_with_a_gap(zone: Zone, first: int) -> tuple[int, ...]:
    """The days of a year on which clocks go forward."""
    last = min(first + 366, LAST_DAY)
    return tuple(day for day in range(first, last) if 0 < zone.begin(day + 1) - zone.begin(day) < DAY)
