"""Run days: rules 1 to 6 of the design, by arithmetic. Used by calendars and by cron expressions.

Which days of a month match depends on nothing but the month's length and the weekday of its first day (its
shape), so they are tabulated once per shape; months and periods that cannot match are jumped over.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date

from rota.schedule.zones import FIRST_DAY, LAST_DAY

Shape = tuple[int, int]
"""A month's length in days, and the weekday of its first day (0 = Monday)."""

_LENGTHS = {month: {monthrange(year, month)[1] for year in (2023, 2024)} for month in range(1, 13)}


class RunDays:
    """The days on which windows open. Days are ordinals; the anchor is the one that periods count from.

    `matching` says which days of a month of a given shape match. A search ends at the end of the calendar in
    any case, and at once where no month can have a matching day: each shape of an allowed month comes again
    and again (the Gregorian calendar repeats itself every 400 years), so a day that the table knows is a day
    that comes.
    """

    def __init__(
        self,
        matching: Callable[[Shape], tuple[int, ...]],
        *,
        months: Iterable[int],
        begin: int | None,
        end: int | None,
        weeks_period: int = 1,
        days_period: int = 1,
    ) -> None:
        self._matching = matching
        self._months = frozenset(months)
        self._begin = FIRST_DAY if begin is None else max(begin, FIRST_DAY)
        self._end = LAST_DAY if end is None else min(end, LAST_DAY)
        self._weeks_period = weeks_period
        self._days_period = days_period
        if not self._any_shape_matches():
            self._end = self._begin - 1

    def first(self, day: int, anchor: int | None) -> int | None:
        """The first run day from `day` on; without an anchor, periods do not count."""
        day = self._jump(max(day, self._begin), anchor)
        while day <= self._end:
            here = date.fromordinal(day)
            before = day - here.day
            if here.month in self._months:
                length = monthrange(here.year, here.month)[1]
                numbers = self._matching((length, before % 7))
                for number in numbers[bisect_left(numbers, here.day) :]:
                    found = before + number
                    if self._periods_hold(found, anchor):
                        return found if found <= self._end else None
            day = self._jump(self._next_month(here), anchor)
        return None

    def _next_month(self, here: date) -> int:
        """The first day of the next allowed month; past the end of the calendar where none is left."""
        later = [month for month in self._months if month > here.month]
        if later:
            return date(here.year, min(later), 1).toordinal()
        if here.year == date.max.year:
            return LAST_DAY + 1
        return date(here.year + 1, min(self._months), 1).toordinal()

    def _jump(self, day: int, anchor: int | None) -> int:
        """The first day from `day` on that one of the periods allows: nothing in between can be a run day."""
        if anchor is None:
            return day
        if self._days_period > 1:
            return day + (anchor - day) % self._days_period
        if self._weeks_period > 1 and (weeks := (_week(anchor) - _week(day)) % self._weeks_period):
            return 7 * (_week(day) + weeks) + 1
        return day

    def _periods_hold(self, day: int, anchor: int | None) -> bool:
        return anchor is None or (
            (day - anchor) % self._days_period == 0 and (_week(day) - _week(anchor)) % self._weeks_period == 0
        )

    def _any_shape_matches(self) -> bool:
        shapes = {(length, first) for month in self._months for length in _LENGTHS[month] for first in range(7)}
        return any(self._matching(shape) for shape in shapes)


def _week(day: int) -> int:
    """Which week a day lies in, Monday-based: ordinal 1 is a Monday."""
    return (day - 1) // 7
