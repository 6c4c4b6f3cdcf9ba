"""Wall clocks: which instant a date and time of day stand for. Used by calendars and cron expressions.

The rules of zones are those of the distribution `tzdata`, never the machine's own: so a schedule has the same answers
on every machine that has the same version of it.

Dates are counted as `date.toordinal` does (1 is Monday 1 January of year 1), instants in whole seconds since
1970 UTC, times of day in seconds after midnight. A wall time inside a spring-forward gap stands for the
instant the gap ends, an ambiguous one for its first instant.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import tzdata

from rota.schedule.problems import rejected

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()

FIRST_DAY = date(1, 1, 2).toordinal()
LAST_DAY = date(9999, 12, 28).toordinal()
"""No window opens outside these days: the margin keeps every instant of one representable in every zone."""

_DATA = Path(tzdata.__file__).parent

_FIRST_INSTANT = (FIRST_DAY - EPOCH_DAY) * DAY
_LAST_INSTANT = (LAST_DAY + 2 - EPOCH_DAY) * DAY


class Zone:
    """The wall clock of one IANA zone. Get one from `zone`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = _shipped(name)
        self._epoch = datetime(1970, 1, 1, tzinfo=self.info)
        # Schedules of one zone ask for the same few days over and over, and nothing costs more than this.
        self.begin = lru_cache(maxsize=4096)(self._begin)

    def day(self, instant: int) -> int:
        """The local date at an instant; one beyond the calendar counts as its nearest day."""
        return self.local(min(max(instant, _FIRST_INSTANT), _LAST_INSTANT)).toordinal()

    def local(self, instant: int) -> datetime:
        """The wall clock at an instant."""
        return datetime.fromtimestamp(instant, self.info)

    def has(self, day: int) -> bool:
        """Whether the date exists: Samoa went from 29 to 31 December 2011."""
        return self.begin(day) < self.begin(day + 1)

    def is_regular(self, day: int) -> bool:
        """Whether the clock runs through the day without a change."""
        return self.begin(day + 1) - self.begin(day) == DAY

    def instant(self, day: int, seconds: int) -> int:
        """The instant that a time of day on a date stands for."""
        return self.begin(day) + seconds if self.is_regular(day) else self._resolve(day, seconds)

    def instants(self, day: int, seconds: int) -> list[int]:
        """That time of day on the date and the two after it: one of them is later than any window's opening.

        Two days, since a window that a gap moved to midnight opens at tomorrow's 00:00, not before it.
        """
        return [self.instant(day + later, seconds) for later in range(3)]

    def readings(self, day: int, seconds: int) -> list[int]:
        """The instants, none to two, at which the clock shows that time of day on that date."""
        wall, before, after = self._wall(day, seconds)
        return sorted({wall - before, wall - after}) if after <= before else []

    def _begin(self, day: int) -> int:
        return self._resolve(day, 0)

    def _resolve(self, day: int, seconds: int) -> int:
        wall, before, after = self._wall(day, seconds)
        if after <= before:
            return wall - before
        # In a gap: the clock changes at one of the instants between the two readings.
        candidates = range(wall - after, wall - before + 1)
        return candidates[bisect_left(candidates, after, key=lambda instant: _offset(self.local(instant)))]

    def _wall(self, day: int, seconds: int) -> tuple[int, int, int]:
        """The wall time read as UTC, and the zone's offset before and after a clock change around it."""
        wall = (day - EPOCH_DAY) * DAY + seconds
        local = self._epoch + timedelta(seconds=wall)
        return wall, _offset(local), _offset(local.replace(fold=1))

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"


def _offset(local: datetime) -> int:
    offset = local.utcoffset()
    if offset is None:
        raise ValueError("a local time without a zone has no offset")
    return offset.days * DAY + offset.seconds


def _shipped(name: str) -> ZoneInfo:
    with _DATA.joinpath("zoneinfo", name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone:
    """The zone of that IANA name. Raises `ScheduleError`, with a hint, where there is none."""
    if name not in zone_names():
        near = get_close_matches(name[:64], zone_names(), n=1)
        hint = f"did you mean {near[0]}?" if near else "names look like Europe/Berlin"
        raise rejected(f"{name[:64]!r} is not a known time zone", code="schedule.unknown-zone", hint=hint)
    return Zone(name)


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every name there is: the same on every machine."""
    return frozenset(_DATA.joinpath("zones").read_text(encoding="utf-8").split())
