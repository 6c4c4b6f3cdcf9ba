"""Windows through time: which opens when, and which start comes next.

Made by calendars and cron expressions; asked by `Schedule`, union and survey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from rota.schedule import zones
from rota.schedule.days import RunDays
from rota.schedule.occurrence import Occurrence, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Daily:
    """What opens on each run day, and what its occurrences carry; durations in seconds.

    `opened` gives the windows of any date that exists, in order. Where the clock runs through without a change
    they are the same on every day, but for the shift: `ordinary` has those, counted from the beginning of the day.
    """

    zone: zones.Zone
    opened: Callable[[int, zones.Zone], Sequence[Window]]
    start_within: int | None
    repeat_pause: int
    completion_interval: int | None
    crosses_midnight: bool = False
    follows_runs: bool = False
    """Whether the next start is set by the end of the last run: a pause, and no period of its own."""
    ordinary: Sequence[Window] = field(init=False)
    reach: int = field(init=False)
    """How long from its beginning on a day has to be without a clock change to be an ordinary one."""

    def __post_init__(self) -> None:
        ordinary = self.opened(zones.EPOCH_DAY, zones.zone("UTC"))
        object.__setattr__(self, "ordinary", ordinary)
        object.__setattr__(self, "reach", max(zones.DAY, *(window.stop or window.last for window in ordinary)))


@dataclass(frozen=True, slots=True)
class Series:
    """The windows that open on some run days; periods of days and weeks count from the anchor.

    No two of the windows overlap, so `closes` never decreases from one start to the next.
    """

    daily: Daily
    days: RunDays
    anchor: int | None = None

    def next(self, after: int) -> Occurrence | None:
        """The first occurrence that starts later than an instant."""
        day = self._first_day(after)
        while day is not None:
            begin, windows = self._on(day)
            for window in windows:
                index = window.after(after - begin)
                if index < len(window.offsets):
                    return self.occurrence(window, window.base + window.offsets[index], begin)
            day = self.days.first(day + 1, self.anchor)
        return None

    def windows(self, after: int) -> Iterator[Window]:
        """The windows in order, from the first whose `last` is later than an instant."""
        day = self._first_day(after)
        while day is not None:
            begin, windows = self._on(day)
            yield from (window.shifted(begin) for window in windows if begin + window.last > after)
            day = self.days.first(day + 1, self.anchor)

    def first_day_with_a_start(self, day: int, since: int) -> int | None:
        """The first run day from `day` on with a start at or after an instant."""
        found = self.days.first(day, self.anchor)
        while found is not None:
            begin, windows = self._on(found)
            if any(begin + window.final >= since for window in windows):
                break
            found = self.days.first(found + 1, self.anchor)
        return found

    def closes(self, window: Window, start: int) -> int:
        """The last second in which the occurrence may start."""
        within = self.daily.start_within
        return window.last if within is None else min(window.last, start + within)

    def occurrence(self, window: Window, start: int, begin: int = 0) -> Occurrence:
        """The occurrence of this window with that start, both of them counted from `begin`."""
        return Occurrence(
            datetime.fromtimestamp(begin + start, UTC),
            datetime.fromtimestamp(begin + self.closes(window, start), UTC),
            None if window.stop is None else datetime.fromtimestamp(begin + window.stop, UTC),
            self.daily.repeat_pause,
            self.daily.completion_interval,
        )

    def _first_day(self, after: int) -> int | None:
        """The first run day on which a window opens that may end later than an instant."""
        return self.days.first(self.daily.zone.day(after) - self.daily.crosses_midnight, self.anchor)

    def _on(self, day: int) -> tuple[int, Sequence[Window]]:
        """The windows of a run day, and the instant that they are counted from."""
        begin = self.daily.zone.quiet_begin(day, self.daily.reach)
        return (0, self._near_a_change(day)) if begin is None else (begin, self.daily.ordinary)

    def _near_a_change(self, day: int) -> Sequence[Window]:
        """The windows of a run day when clocks may change. A date that the zone skipped has none.

        A gap may make a window end as the next day's opens: a start in that instant is the next day's.
        """
        zone, opened = self.daily.zone, self.daily.opened
        if not zone.has(day):
            return ()
        windows = opened(day, zone)
        if self.daily.crosses_midnight and zone.has(day + 1) and self.days.first(day + 1, self.anchor) == day + 1:
            [window] = windows
            if window.final == opened(day + 1, zone)[0].base:
                return [window._replace(offsets=window.offsets[:-1])]
        return windows


class Placed(NamedTuple):
    """A series, and the first instant at which its schedule is active: what starts before that does not exist."""

    series: Series
    since: int
