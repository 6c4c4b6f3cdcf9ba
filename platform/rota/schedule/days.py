"""Run days: rules 1 to 6 of the design, by arithmetic. Used by calendars and by cron expressions.

Which days of a month match depends on nothing but the month's length and the weekday of its first day (its
shape), so they are tabulated by shape; months and periods that cannot match are jumped over.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from math import lcm

from rota.schedule.zones import FIRST_DAY, LAST_DAY

Shape = tuple[int, int]
"""A month's length in days, and the weekday of its first day (0 = Monday)."""

_GREGORIAN_CYCLE = 146_097
"""Days after which dates and weekdays repeat: 400 years, and a whole number of weeks."""


class RunDays:
    """The days on which windows open. Days are ordinals; the anchor is the one that periods count from.

    `matching` says which days of a month of a given shape match. Every search is bounded: rules 2 to 4 repeat
    themselves with the Gregorian calendar, and together with the periods everything repeats after the least
    common multiple of all three, or the end of the calendar comes first. Where no allowed month has a matching
    day in any shape, nothing is searched at all.
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
        self._months = frozenset(months)
        self._month_after = {
            month: next(later for later in (*range(month + 1, 13), *range(1, 13)) if later in self._months)
            for month in range(1, 13)
        }
        self._begin = FIRST_DAY if begin is None else max(begin, FIRST_DAY)
        self._end = LAST_DAY if end is None else min(end, LAST_DAY)
        self._weeks_period = weeks_period
        self._days_period = days_period
        self._has_periods = weeks_period > 1 or days_period > 1
        self._cycle = lcm(_GREGORIAN_CYCLE, 7 * weeks_period, days_period)
        self._matching = {shape: matching(shape) for shape in _SHAPES}
        self._possible = any(self._matching[shape] for month in self._months for shape in _SHAPES_OF[month])

    def first(self, day: int, anchor: int | None) -> int | None:
        """The first run day from `day` on; without an anchor, periods do not count."""
        if not self._possible:
            return None
        origin = anchor if self._has_periods else None
        day = max(day, self._begin)
        end = min(self._end, day + self._cycle)
        day = self._jump(day, origin)
        while day <= end:
            here = date.fromordinal(day)
            if here.month in self._months and (found := self._first_in_month(here, day, origin)):
                return found if found <= self._end else None
            day = self._jump(self._next_month(here), origin)
        return None

    def _first_in_month(self, here: date, day: int, anchor: int | None) -> int | None:
        """The first run day of the month from `here` on, which is `day`."""
        before = day - here.day
        numbers = self._matching[_shape(here.year, here.month)]
        candidates = numbers[bisect_left(numbers, here.day) :]
        if anchor is None:
            return before + candidates[0] if candidates else None
        week = _week(anchor)
        for number in candidates:
            found = before + number
            if (found - anchor) % self._days_period == 0 and (_week(found) - week) % self._weeks_period == 0:
                return found
        return None

    def _jump(self, day: int, anchor: int | None) -> int:
        """The first day from `day` on that one of the periods allows: nothing before it can be a run day."""
        if anchor is None:
            return day
        if self._days_period > 1:
            return day + (anchor - day) % self._days_period
        weeks = (_week(anchor) - _week(day)) % self._weeks_period
        return 7 * (_week(day) + weeks) + 1 if weeks else day

    def _next_month(self, here: date) -> int:
        """The first day of the next allowed month; past the end of the calendar where none is left."""
        month = self._month_after[here.month]
        year = here.year + (month <= here.month)
        return LAST_DAY + 1 if year > date.max.year else date(year, month, 1).toordinal()


def _week(day: int) -> int:
    """Which week a day lies in, Monday-based: ordinal 1 is a Monday."""
    return (day - 1) // 7


@lru_cache(maxsize=4096)
def _shape(year: int, month: int) -> Shape:
    first, length = monthrange(year, month)
    return length, first


_SHAPES = [(length, first) for length in range(28, 32) for first in range(7)]
SHORTEST = {month: monthrange(2023, month)[1] for month in range(1, 13)}
"""The days that each month has in any year."""

_SHAPES_OF = {
    month: [shape for shape in _SHAPES if shape[0] in {monthrange(year, month)[1] for year in (2023, 2024)}]
    for month in range(1, 13)
}
