"""Run days: rules 1 to 6 of the design, by arithmetic. Used by calendars and by cron expressions.

Which days of a year match depends on nothing but its length and the weekday of its first day (its shape). So the days
of a shape are a string of bytes, made when a year of that shape is first looked at, and the next day is one search
in it. Where that finds none, the first day of a later year is kept by year: so the next day of a schedule that matches
once in 28 years is found as fast as any.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache, lru_cache
from math import gcd, lcm

from rota.schedule.zones import FIRST_DAY, LAST_DAY

Shape = tuple[int, int]
"""A month's length in days, and the weekday of its first day (0 = Monday)."""

Rule = Callable[[Shape], tuple[int, ...]]
"""The days of a month of a given shape that match; rules with equal answers should be equal, to share tables."""

_GREGORIAN_CYCLE = 146_097
"""Days after which dates and weekdays repeat: 400 years, and a whole number of weeks."""

_SHAPES = [(length, first) for length in range(28, 32) for first in range(7)]
SHORTEST = {month: monthrange(2023, month)[1] for month in range(1, 13)}
"""The days that each month has in any year."""

_SHAPES_OF = {
    month: [shape for shape in _SHAPES if shape[0] in {monthrange(year, month)[1] for year in (2023, 2024)}]
    for month in range(1, 13)
}


class RunDays:
    """The days on which windows open. Days are ordinals; the anchor is the one that periods count from.

    Every search is bounded: rules 2 to 4 repeat themselves with the Gregorian calendar, and together with the
    periods everything repeats after the least common multiple of all three, or the end of the calendar comes
    first. Where no allowed month has a matching day in any shape, or the periods never meet an allowed weekday,
    nothing is searched at all.
    """

    __slots__ = (
        "_begin",
        "_cycle",
        "_days_period",
        "_end",
        "_every_day",
        "_later",
        "_months",
        "_possible",
        "_rule",
        "_week_days",
        "_weeks_period",
        "_years",
        "has_periods",
    )

    def __init__(
        self,
        rule: Rule,
        *,
        months: Iterable[int],
        begin: int | None,
        end: int | None,
        week_days: Iterable[int] = range(1, 8),
        weeks_period: int = 1,
        days_period: int = 1,
    ) -> None:
        self._rule = rule
        self._months = frozenset(months)
        self._begin = FIRST_DAY if begin is None else max(begin, FIRST_DAY)
        self._end = LAST_DAY if end is None else min(end, LAST_DAY)
        self._week_days = week_days
        self._weeks_period = weeks_period
        self._days_period = days_period
        self.has_periods = weeks_period > 1 or days_period > 1
        self._cycle = lcm(_GREGORIAN_CYCLE, 7 * weeks_period, days_period)
        self._possible = any(_days_of_month(rule, shape) for month in self._months for shape in _SHAPES_OF[month])
        # Then no day is looked for, which would be a fifth of the time that the next start takes.
        self._every_day = (
            not self.has_periods
            and len(self._months) == 12
            and all(len(_days_of_month(rule, shape)) == shape[0] for shape in _SHAPES)
        )
        self._years: dict[int, bytes] = {}
        self._later: dict[int, int] = {}

    def first(self, day: int, anchor: int | None) -> int | None:
        """The first run day from `day` on; without an anchor, periods do not count."""
        if day < self._begin:  # noqa: PLR1730  # max() takes three times as long
            day = self._begin
        if self._every_day:
            return day if day <= self._end else None
        if anchor is None or not self.has_periods:
            return self._match(day, self._end)
        if not self._periods_meet(anchor):
            return None
        end = min(self._end, day + self._cycle)
        found = self._match(day, end)
        while found is not None and found != (allowed := self._allowed(found, anchor)):
            found = self._match(allowed, end)
        return found

    def only(self, day: int | None) -> RunDays:
        """Of these that one day, if it is one of them."""
        begin, end = (LAST_DAY, FIRST_DAY) if day is None else (max(day, self._begin), min(day, self._end))
        return RunDays(
            self._rule,
            months=self._months,
            begin=begin,
            end=end,
            week_days=self._week_days,
            weeks_period=self._weeks_period,
            days_period=self._days_period,
        )

    def _match(self, day: int, end: int) -> int | None:
        """The first day from `day` to `end` for which all rules hold that do not count from an anchor."""
        if day > end or not self._possible:
            return None
        year = date.fromordinal(day).year
        first, shape = _year(year)
        number = (self._years.get(shape) or self._days_of_year(shape)).find(1, day - first)
        found = first + number if number >= 0 else self._after(year)
        return found if found <= end else None

    def _after(self, year: int) -> int:
        """The first day after a year that matches, kept for the next time: the year may be 40 years before it."""
        if year not in self._later:
            self._later[year] = self._first_after(year)
        return self._later[year]

    def _first_after(self, year: int) -> int:
        for later in range(year + 1, date.max.year + 1):
            first, shape = _year(later)
            number = (self._years.get(shape) or self._days_of_year(shape)).find(1)
            if number >= 0:
                return first + number
        return LAST_DAY + 1

    def _periods_meet(self, anchor: int) -> bool:
        """Whether any allowed weekday lies on a day that both periods allow, however far away.

        In the weeks that count, the days of one weekday are `7 * weeks_period` apart. By the Chinese remainder
        theorem one of them is a multiple of `days_period` away from the anchor exactly if its weekday differs from
        the anchor's by a multiple of the greatest common divisor of the two.
        """
        divisor = gcd(7 * self._weeks_period, self._days_period)
        return any((week_day - _week_day(anchor)) % divisor == 0 for week_day in self._week_days)

    def _allowed(self, day: int, anchor: int) -> int:
        """A day from `day` on before which the periods allow none; `day` itself only if they allow it."""
        day += (anchor - day) % self._days_period
        weeks = (_week(anchor) - _week(day)) % self._weeks_period
        return 7 * (_week(day) + weeks) + 1 if weeks else day

    def _days_of_year(self, shape: int) -> bytes:
        days = self._years[shape] = _days_of_year(self._rule, self._months, shape)
        return days


def _week_day(day: int) -> int:
    """1 for a Monday to 7 for a Sunday."""
    return (day - 1) % 7 + 1


def _week(day: int) -> int:
    """Which week a day lies in, Monday-based: ordinal 1 is a Monday."""
    return (day - 1) // 7


@cache
def _year(year: int) -> tuple[int, int]:
    """The first day of a year, and the number of its shape."""
    first = date(year, 1, 1).toordinal()
    return first, first % 7 + 7 * isleap(year)


_EXAMPLES = {_year(year)[1]: year for year in range(2000, 2028)}
"""A year of each shape."""


@lru_cache(maxsize=4096)
def _days_of_year(rule: Rule, months: frozenset[int], shape: int) -> bytes:
    """A byte for each day of a year, 1 where the day matches."""
    days = bytearray()
    for month in range(1, 13):
        first, length = monthrange(_EXAMPLES[shape], month)
        numbers = _days_of_month(rule, (length, first)) if month in months else ()
        month_days = bytearray(length)
        for number in numbers:
            month_days[number - 1] = 1
        days += month_days
    return bytes(days)


@lru_cache(maxsize=4096)
def _days_of_month(rule: Rule, shape: Shape) -> tuple[int, ...]:
    return rule(shape)
