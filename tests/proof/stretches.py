"""Parts of a simulated year, and what happens in them, drawn from `SEED`: how long runs take, outages, and holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from tests.proof.foretelling import Hold, Outage, Story
from tests.schedule.oracle import Expected

SEED = 20260302

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Stretch:
    """A part of the year, read on the clock of a zone, with the jobs that start at most once in `period` seconds."""

    name: str
    zone: str
    begin: datetime
    length: timedelta
    period: int = 0

    @property
    def end(self) -> datetime:
        return self.begin + self.length


def _outages() -> list[Outage]:
    """Six hours in each month; every other one begins with a crash."""
    random = Random(SEED)
    begins = [
        YEAR.replace(month=month) + 6 * HOUR + timedelta(minutes=int(random.random() * 27 * 24 * 60))
        for month in range(1, 13)
    ]
    return [Outage(begin, begin + 6 * HOUR, clean=begin.month % 2 == 0) for begin in begins]


OUTAGES = _outages()

STRETCHES = [
    Stretch("year", "UTC", YEAR, 365 * DAY, period=3600),
    Stretch("year", "Europe/Berlin", YEAR, 365 * DAY, period=3600),
    Stretch("spring-night", "Europe/Berlin", datetime(2026, 3, 28, 22, tzinfo=UTC), 5 * HOUR),
    Stretch("autumn-night", "Europe/Berlin", datetime(2026, 10, 24, 22, tzinfo=UTC), 5 * HOUR),
    Stretch("crash", "UTC", OUTAGES[6].begin - HOUR, 9 * HOUR),
]

THOROUGH = [
    Stretch(f"year-of-{name}", zone, YEAR, 365 * DAY, period)
    for name, period in (("five-minutes", 300), ("all", 0))
    for zone in ("UTC", "Europe/Berlin")
]
"""At two milliseconds a start: half an hour each for what starts at most every five minutes, four hours for all."""


def story(stretch: Stretch, name: str, period: int, found: Sequence[Expected], *, has_key: bool) -> Story:
    """What happens to the job of that name, which has these occurrences, a `period` apart.

    Somebody else takes its key, if it has one, now and then, and keeps it for up to two minutes.
    """
    outages = [each for each in OUTAGES if stretch.begin <= each.begin and each.end < stretch.end]
    holds = _holds(stretch, name, found) if has_key else []
    return Story(stretch.begin, stretch.end, outages, holds, _lengths(name, period))


def _lengths(name: str, period: int) -> Callable[[datetime], timedelta]:
    """Mostly shorter than the period, sometimes about as long, seldom much longer; by the instant of the begin."""
    usual = min(period, 3 * 3600)

    def length(begin: datetime) -> timedelta:
        random = Random(f"{SEED} {name} {begin.timestamp():.0f}")
        kind, share = random.random(), random.random()
        if kind < 0.75:
            seconds = usual * share * 0.7
        elif kind < 0.95:
            seconds = usual * (0.8 + share * 0.6)
        else:
            seconds = period * (0.5 + share * 2.5)
        return timedelta(seconds=1 + int(seconds))

    return length


def _holds(stretch: Stretch, name: str, found: Sequence[Expected]) -> list[Hold]:
    """Around some of its starts, at most one in forty days: what is held is looked at every second."""
    random, holds = Random(f"{SEED} {name}"), list[Hold]()
    for each in found:
        free_from = holds[-1].end + 40 * DAY if holds else stretch.begin
        begin = each.start - timedelta(seconds=int(random.random() * 30))
        hold = Hold(begin, begin + timedelta(seconds=40 + int(random.random() * 100)))
        if begin >= free_from and hold.end < stretch.end and random.random() < 0.2:
            holds.append(hold)
    return holds
