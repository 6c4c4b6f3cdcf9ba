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
from functools import lru_cache
from zoneinfo import ZoneInfo

from rota.schedule.problems import rejected
from rota.schedule.zone_names import DATA, zone_hint, zone_names

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = EPOCH.toordinal()

FIRST_DAY = date(1, 1, 2).toordinal()
LAST_DAY = date(9999, 12, 28).toordinal()
"""No window opens outside these days: the margin keeps every instant of one representable in every zone."""

_FIRST_INSTANT = (FIRST_DAY - EPOCH_DAY) * DAY
_LAST_INSTANT = (LAST_DAY + 2 - EPOCH_DAY) * DAY

_CHAPTER = 25
"""Clock changes are looked for in 2 ** 25 seconds at once, 388 days; that takes a zone a quarter of a millisecond."""

_STEP = 2 * DAY
"""How far apart offsets are compared: no zone changes its clock twice within six days."""

_EVER = 2**62
"""An instant later than any."""

Span = tuple[int, int, int]
"""A stretch of time with one offset from UTC, from `begin` to before `end`; it may be cut out of a longer one.

What the clock shows from `begin` on, it has not shown before; the offset itself may hold somewhat earlier. `shift`
turns an instant into what the clock shows then, in seconds since the midnight that begins day 0. A plain tuple is
taken apart in a quarter of the time that a named one needs, and that is done for each search.
"""


class Zone:
    """The wall clock of one IANA zone. Get one from `zone`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.info = _shipped(name)
        self._spans: dict[int, tuple[Span, ...]] = {}
        offset = self.info.utcoffset(None)
        self.fixed = None if offset is None else (-_EVER, _EVER, _shift(offset))
        """The only span of a zone that never changes its clock, such as UTC."""

    def span(self, instant: int) -> Span:
        """The span whose offset holds at an instant. To ask the zone itself each time costs six times as much."""
        chapter = instant >> _CHAPTER
        for span in self._spans.get(chapter) or self._survey(chapter):
            if instant < span[1]:
                break
        return span

    def day(self, instant: int) -> int:
        """The local date at an instant; one beyond the calendar counts as its nearest day."""
        instant = min(max(instant, _FIRST_INSTANT), _LAST_INSTANT)
        _, _, shift = self.span(instant)
        return (instant + shift) // DAY

    def begin(self, day: int) -> int:
        """The instant at which a date begins."""
        return self.instant(day, 0)

    def quiet_begin(self, day: int, length: int) -> int | None:
        """The same, if the clock runs through that many seconds from then on without a change; else none."""
        begin, end, shift = self.span((day - EPOCH_DAY) * DAY)
        instant = day * DAY - shift
        return instant if begin <= instant and instant + length < end else None

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
        shift, change, shift_after = self._around(day)
        wall = day * DAY + seconds
        return wall - shift if wall - shift < change else max(change, wall - shift_after)

    def instants(self, day: int, seconds: int) -> list[int]:
        """That time of day on the date and the two after it: one of them is later than any window's opening.

        Two days, since a window that a gap moved to midnight opens at tomorrow's 00:00, not before it.
        """
        return [self.instant(day + later, seconds) for later in range(3)]

    def readings(self, day: int, *times: int) -> list[int]:
        """The instants at which the clock shows one of those times of day on that date; none to two for each.

        In order, if the times are.
        """
        shift, change, shift_after = self._around(day)
        first = [day * DAY + time - shift for time in times]
        if shift == shift_after:
            return first
        second = [day * DAY + time - shift_after for time in times]
        return [each for each in first if each < change] + [each for each in second if each >= change]

    def _around(self, day: int) -> tuple[int, int, int]:
        """The shift before a date, the one clock change there may be about it, and the shift from then on."""
        midnight = (day - EPOCH_DAY) * DAY
        _, change, before = self.span(midnight - DAY)
        _, _, after = self.span(midnight + 2 * DAY)
        return before, change, after

    def _survey(self, chapter: int) -> tuple[Span, ...]:
        """The spans of a chapter, which reach somewhat beyond it, so that few days lie on an edge."""
        first, last = (chapter << _CHAPTER) - 4 * _STEP, (chapter + 1 << _CHAPTER) + 4 * _STEP
        begin, shift = first + DAY, self._shift(first)
        spans: list[Span] = []
        for sample in range(first, last, _STEP):
            if self._shift(sample + _STEP) != shift:
                candidates = range(sample, sample + _STEP + 1)
                change = candidates[bisect_left(candidates, True, key=lambda each: self._shift(each) != shift)]
                spans.append((begin, change, shift))
                before, shift = shift, self._shift(change)
                # A clock that goes back shows again what it has shown, for as long as it goes back.
                begin = change + max(0, before - shift)
        spans.append((begin, last, shift))
        self._spans[chapter] = tuple(spans)
        return self._spans[chapter]

    def _shift(self, instant: int) -> int:
        offset = self.local(min(max(instant, _FIRST_INSTANT), _LAST_INSTANT)).utcoffset()
        return _shift(offset or timedelta())

    def __repr__(self) -> str:
        return f"Zone({self.name!r})"


def _shift(offset: timedelta) -> int:
    return (EPOCH_DAY + offset.days) * DAY + offset.seconds


def _shipped(name: str) -> ZoneInfo:
    with DATA.joinpath("zoneinfo", name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@lru_cache(maxsize=1024)
def zone(name: str) -> Zone:
    """The zone of that IANA name. Raises `ScheduleError`, with a hint, where there is none."""
    if name not in zone_names():
        message = f"{name[:64]!r} is not a known time zone"
        raise rejected(message, code="schedule.unknown-zone", hint=zone_hint(name))
    return Zone(name)
