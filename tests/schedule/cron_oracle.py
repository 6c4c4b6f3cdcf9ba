"""Cron expressions a second time, plainly, from the rules of Debian's cron: to check the real ones against.

Knows numbers, ranges, steps and lists. Shares no code with what it checks.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.schedule.oracle import DAY, SECOND, Expected, day_begin, instant, merged

RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def values(field: str, low: int, high: int) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        stretch, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if stretch == "*" else stretch).partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


class CronOracle:
    """Answers for canonical data; `completion_time` and `start_within` may stand beside the expression."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.fields = data["cron"].split()
        self.zone = ZoneInfo(data["timezone"])
        numbers = [values(field, *bounds) for field, bounds in zip(self.fields, RANGES, strict=True)]
        self.minutes, self.hours, self.days, self.months, self.week_days = numbers

    def matches_day(self, day: date) -> bool:
        """A field that begins with a star takes part as a condition; two that do not are alternatives."""
        in_month = day.day in self.days
        in_week = bool(self.week_days & ({0, 7} if day.isoweekday() == 7 else {day.isoweekday()}))
        either = not any(self.fields[index].startswith("*") for index in (2, 4))
        return day.month in self.months and (in_month or in_week if either else in_month and in_week)

    def occurrences(self, since: datetime, until: datetime) -> list[Expected]:
        """Every match, in order, that closes with its local day."""
        days = [since.astimezone(self.zone).date() + number * DAY for number in range(-1, (until - since).days + 3)]
        follows = any(self.fields[index].startswith("*") for index in (0, 1))
        found = []
        for day in days:
            begin, end = day_begin(self.zone, day), day_begin(self.zone, day + DAY)
            if begin < end and self.matches_day(day):
                starts = self._shown(day) if follows else self._definite(day)
                found += [self._occurrence(day, start, max(start, end - SECOND)) for start in starts]
        return [each for each in merged(found) if since <= each.start <= until]

    def _occurrence(self, day: date, start: datetime, closes: datetime) -> Expected:
        stop = None
        if "completion_time" in self.data:
            at = time.fromisoformat(self.data["completion_time"])
            stops = [instant(self.zone, day + number * DAY, at) for number in range(3)]
            stop = min(each for each in stops if each > start)
            closes = min(closes, stop - SECOND)
        if "start_within" in self.data:
            closes = min(closes, start + timedelta(seconds=self.data["start_within"]))
        return Expected(start, closes, stop)

    def _definite(self, day: date) -> list[datetime]:
        """A time in a gap stands for the gap's end, one that is shown twice for its first showing."""
        return [instant(self.zone, day, time(hour, minute)) for hour in self.hours for minute in self.minutes]

    def _shown(self, day: date) -> list[datetime]:
        """Whenever the clock shows a matching time, minute by minute."""
        moment = day_begin(self.zone, day) - timedelta(hours=4)
        moments = [moment + timedelta(minutes=number) for number in range(33 * 60)]
        walls = [(each, each.astimezone(self.zone)) for each in moments]
        return [
            each
            for each, wall in walls
            if wall.date() == day and wall.hour in self.hours and wall.minute in self.minutes
        ]
