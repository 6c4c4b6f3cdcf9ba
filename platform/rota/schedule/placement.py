"""A calendar placed in time: which days are its run days, and the windows that open on them. Used by calendars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rota.schedule.daily_window import DailyWindow
from rota.schedule.days import RunDays
from rota.schedule.occurrence import Window
from rota.schedule.zones import FIRST_DAY, LAST_DAY, Zone


@dataclass(slots=True)
class Placement:
    """The run days from `begin` to `end`, counted from the anchor. Days are ordinals."""

    days: RunDays
    zone: Zone
    anchor: int
    begin: int = FIRST_DAY
    end: int = LAST_DAY

    def run_day(self, day: int) -> int | None:
        """The first run day from `day` on; a date that the zone skipped is none."""
        found = self.days.first(max(day, self.begin), self.anchor)
        while found is not None and not self.zone.has(found):
            found = self.days.first(found + 1, self.anchor)
        return found if found is not None and found <= self.end else None

    def windows(self, window: DailyWindow, after: int) -> Iterator[Window]:
        """The daily window as it opens on each run day, from the first that ends later than `after`."""
        day = self.run_day(self.zone.day(after) - window.crosses_midnight)
        while day is not None:
            opened = window.on(day, self.zone)
            if window.crosses_midnight and self._shares_a_start(opened, window, day):
                opened = opened._replace(offsets=opened.offsets[:-1])
            if opened.last > after:
                yield opened
            day = self.run_day(day + 1)

    def only(self, day: int | None) -> Placement:
        """The same with that one day as its only run day, if it is one."""
        return replace(self, begin=LAST_DAY, end=FIRST_DAY) if day is None else replace(self, begin=day, end=day)

    def first_with_a_start(self, windows: Sequence[DailyWindow], since: int) -> int | None:
        """The first run day from the anchor on with an occurrence in one of the windows at or after `since`."""
        day = self.run_day(self.anchor)
        while day is not None and not any(window.on(day, self.zone).final >= since for window in windows):
            day = self.run_day(day + 1)
        return day

    def _shares_a_start(self, opened: Window, window: DailyWindow, day: int) -> bool:
        """Whether a gap makes the window end as the next day's opens: a start in that instant is the next day's."""
        return opened.final == self.zone.instant(day + 1, window.begin_time) and self.run_day(day + 1) == day + 1
