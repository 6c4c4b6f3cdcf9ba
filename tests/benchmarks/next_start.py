"""The schedules whose next start is searched, with the plain answers, and the stopwatch of every side.

Called by the next-start scripts of both sides, so that all of them answer the same questions and are timed by the
same code. The questions are in no order: none is near the one before it.
"""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from tests.benchmarks import script

Question = Callable[[datetime], datetime | None]
"""From an instant to the next start after it, UTC or local, or none."""

BEGIN = datetime(2024, 1, 1, tzinfo=UTC)  # a Monday; every second week counts from it
YEARS = 10
ZONES = ("UTC", "Europe/Berlin")
# So many answers are compared with the plain ones, which are slow, before the clock runs.
COMPARED = 100
# Each side asks all its questions again and again for so many seconds; the median pass counts.
SECONDS = 0.25


@dataclass(frozen=True)
class Line:
    """One schedule: the days on which it starts, and the hours and minutes at which it does."""

    title: str
    is_run_day: Callable[[date], bool]
    times: Sequence[tuple[int, int]]


def _second_wednesday(day: date) -> bool:
    return day.isoweekday() == 3 and 8 <= day.day <= 14


LINES: Mapping[str, Line] = {
    "minutes": Line(
        "every 5 minutes", lambda _: True, [(hour, minute) for hour in range(24) for minute in range(0, 60, 5)]
    ),
    "weekdays": Line("weekdays 09:00", lambda day: day.isoweekday() <= 5, [(9, 0)]),
    "last_day": Line("last day of the month 09:00", lambda day: (day + timedelta(days=1)).day == 1, [(9, 0)]),
    "wednesday": Line("second Wednesday 09:00", _second_wednesday, [(9, 0)]),
    "second_week": Line("Monday of every second week 09:00", lambda day: (day - BEGIN.date()).days % 14 == 0, [(9, 0)]),
    "nightly": Line("nightly at 20:00, a late start until 08:00", lambda _: True, [(20, 0)]),
    "night_hours": Line(
        "every hour of the night, 20:00 to 08:00", lambda _: True, [(hour, 0) for hour in (*range(9), *range(20, 24))]
    ),
    "leap_monday": Line(
        "29 February on a Monday 09:00", lambda day: (day.month, day.day, day.isoweekday()) == (2, 29, 1), [(9, 0)]
    ),
    "never": Line("30 February: never", lambda _: False, []),
}


def zone_of(dst: int) -> tzinfo:
    """The zone of a run: UTC, in the form that costs peers least, or the one with daylight saving."""
    return ZoneInfo(ZONES[dst]) if dst else UTC


def instants(zone: tzinfo, number: int) -> list[datetime]:
    """Random instants of ten years in UTC, the same for every side; none on a start.

    Days near a clock change are left out: there each library has rules of its own.
    """
    drawn = random.Random(20_240_101)
    found: list[datetime] = []
    while len(found) < number:
        minutes = drawn.randrange(YEARS * 365 * 24 * 60)
        instant = BEGIN + timedelta(minutes=minutes, seconds=drawn.randrange(1, 60))
        around = (instant.astimezone(zone) + timedelta(days=days) for days in (-2, 2))
        if len({local.utcoffset() for local in around}) == 1:
            found.append(instant)
    return found


def plain_answer(line: Line, zone: tzinfo, instant: datetime) -> datetime | None:
    """The next start by looking at every day, in UTC."""
    day = instant.astimezone(zone).date()
    for _ in range(41 * 366 if line.times else 0):
        if line.is_run_day(day):
            for hour, minute in line.times:
                start = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
                if start > instant:
                    return start
        day += timedelta(days=1)
    return None


def measure(
    questions: Mapping[str, tuple[Question, Callable[[datetime], datetime]]], zone: tzinfo, number: int
) -> dict[str, float]:
    """Nanoseconds a call for each line that a side can express, its answers compared first.

    Beside its question a side gives what makes of an instant in UTC the form that it takes; that is not timed.
    """
    figures = {}
    asked = instants(zone, number)
    for name, (question, prepare) in questions.items():
        prepared = [prepare(instant) for instant in asked]
        for instant, ready in list(zip(asked, prepared, strict=True))[:COMPARED]:
            found = question(ready)
            answer = None if found is None else (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
            script.require(answer, plain_answer(LINES[name], zone, instant), f"{name} after {instant}")
        figures[name] = _nanoseconds(question, prepared)
    return figures


def _nanoseconds(question: Question, prepared: Sequence[datetime]) -> float:
    passes: list[float] = []
    until = time.perf_counter() + SECONDS
    while not passes or time.perf_counter() < until:
        begun = time.perf_counter()
        for instant in prepared:
            question(instant)
        passes.append((time.perf_counter() - begun) / len(prepared) * 1e9)
    return statistics.median(passes)
