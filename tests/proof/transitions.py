"""When the clocks of which zones change, by the zone data that Rota uses. Used by tests around every such change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

STEP = timedelta(days=1)
"""No zone has two changes within a day that undo each other; everything else shows between two looks."""

AROUND = timedelta(days=4)
"""What lies further apart has no influence on each other: no window reaches so far."""

FROM, UNTIL = datetime(2015, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Change:
    """At the instant `at` the clock goes on from `before` to `after`, both offsets from UTC."""

    zone: str
    at: datetime
    before: timedelta
    after: timedelta

    @property
    def walls(self) -> tuple[datetime, datetime]:
        """What the clock would have shown, and what it shows."""
        plain = self.at.replace(tzinfo=None)
        return plain + self.before, plain + self.after

    def __str__(self) -> str:
        return f"{self.zone} at {self.at:%Y-%m-%d %H:%M:%S} from {self.before} to {self.after}"


def shape(change: Change, others: list[Change]) -> tuple[tuple[timedelta, timedelta], ...]:
    """What tells the days around a change from others: when, since its local midnight, the clock is moved, and how far.

    Schedules that look at times of day alone do the same around changes of one shape, but for the dates.
    """
    wall = change.walls[0]
    midnight = wall.replace(hour=0, minute=0, second=0) - change.before
    near = [each for each in others if abs(each.at - change.at) <= AROUND]
    return tuple((each.at.replace(tzinfo=None) - midnight, each.after - each.before) for each in near)


@cache
def zones() -> list[str]:
    """One name for each set of data: names that stand for the same clock are tried once."""
    folder = files("tzdata") / "zoneinfo"
    names = (files("tzdata") / "zones").read_text(encoding="utf-8").split()
    by_data = {folder.joinpath(*name.split("/")).read_bytes(): name for name in sorted(names, reverse=True)}
    return sorted(by_data.values())


@cache
def changes(zone: str, begin: datetime = FROM, end: datetime = UNTIL) -> list[Change]:
    """Every change of the offset of a zone in that time."""
    return list(_changes(zone, begin, end))


def _changes(zone: str, begin: datetime, end: datetime) -> Iterator[Change]:
    info = ZoneInfo(zone)
    before = _offset(begin, info)
    for number in range((end - begin) // STEP):
        low = begin + number * STEP
        high = low + STEP
        after = _offset(high, info)
        while after != before:
            at = _first(low, high, before, info)
            reached = _offset(at, info)
            yield Change(zone, at, before, reached)
            low, before = at, reached


def _offset(instant: datetime, info: ZoneInfo) -> timedelta:
    return instant.astimezone(info).utcoffset() or timedelta()


def _first(low: datetime, high: datetime, before: timedelta, info: ZoneInfo) -> datetime:
    """The first second between the two in which the offset is another."""
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // timedelta(seconds=2) * timedelta(seconds=1)
        low, high = (middle, high) if _offset(middle, info) == before else (low, middle)
    return high
