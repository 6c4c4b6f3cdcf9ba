"""Calendars: run days, with one or several windows each. Built by parsing, placed in time by `Schedule`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any

from rota.schedule.days import RunDays, Shape
from rota.schedule.fields import date_text, time_text
from rota.schedule.occurrence import Series, Window
from rota.schedule.zones import Zone

ALL_MONTHS = tuple(range(1, 13))
ALL_WEEK_DAYS = tuple(range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyWindow:
    """A window as it opens on every run day: times in seconds after midnight, durations in seconds."""

    begin_time: int = 0
    end_time: int | None = None
    repeat_period_in_day: int = 0
    repeat_pause: int = 0
    completion_time: int | None = None
    completion_interval: int = 0

    @property
    def crosses_midnight(self) -> bool:
        return self.end_time is not None and self.end_time < self.begin_time

    def on(self, day: int, zone: Zone) -> Window:
        """The window that opens on a local date which exists.

        Its opening always is an occurrence, even where the clock jumps from before it to the end of the day.
        A pause without a period counts as the period: that is what comes out when runs take no time.
        """
        opening = zone.instant(day, self.begin_time)
        if self.end_time is None:
            last = max(opening, zone.begin(day + 1) - 1)
        else:
            last = zone.instant(day + self.crosses_midnight, self.end_time)
        stop = None
        if self.completion_time is not None:
            stop = next(instant for instant in zone.instants(day, self.completion_time) if instant > opening)
            last = min(last, stop - 1)
        period = self.repeat_period_in_day or self.repeat_pause
        return Window(opening, range(0, last - opening + 1, period) if period else range(1), last, stop)

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {}
        if self.begin_time:
            data["begin_time"] = time_text(self.begin_time)
        if self.end_time is not None:
            data["end_time"] = time_text(self.end_time)
        if self.repeat_period_in_day:
            data["repeat_period_in_day"] = self.repeat_period_in_day
        if self.repeat_pause:
            data["repeat_pause"] = self.repeat_pause
        if self.completion_time is not None:
            data["completion_time"] = time_text(self.completion_time)
        if self.completion_interval:
            data["completion_interval"] = self.completion_interval
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A schedule by calendar rules, in normal form: equal schedules have equal fields."""

    zone: Zone
    begin_date: date | None = None
    end_date: date | None = None
    days_repeat_period: int = 0
    weeks_period: int = 1
    week_days: tuple[int, ...] = ALL_WEEK_DAYS
    months: tuple[int, ...] = ALL_MONTHS
    day_in_month: int = 0
    week_day_in_month: int = 0
    window: DailyWindow = DailyWindow()
    detailed: tuple[DailyWindow, ...] = ()
    start_within: int | None = None
    days_repeat_period_given: bool = field(default=True, compare=False)
    days: RunDays = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        days = RunDays(
            partial(_matching, self.week_days, self.day_in_month, self.week_day_in_month),
            months=self.months,
            begin=self.begin_date.toordinal() if self.begin_date else None,
            end=self.end_date.toordinal() if self.end_date else None,
            weeks_period=self.weeks_period,
            days_period=self.days_repeat_period or 1,
        )
        object.__setattr__(self, "days", days)

    @property
    def windows(self) -> tuple[DailyWindow, ...]:
        """The windows of each run day."""
        return self.detailed or (self.window,)

    def place(self, since: int) -> list[Series]:
        """One series for each window of the day, with no start before `since`."""
        anchor = self.begin_date.toordinal() if self.begin_date else self.zone.day(since)
        single = None if self.days_repeat_period else self._single_day(anchor, since)
        return [
            Series(
                partial(self._windows, window, anchor, single),
                since,
                self.start_within,
                window.repeat_pause,
                window.completion_interval,
                follows_runs=bool(window.repeat_pause and not window.repeat_period_in_day),
            )
            for window in self.windows
        ]

    def is_impossible(self) -> bool:
        """Whether no day ever matches, whenever the schedule becomes active."""
        if self.begin_date is None:
            return self.days.first(0, None) is None
        anchor = self.begin_date.toordinal()
        if self.days_repeat_period:
            return self._first_day(anchor, anchor) is None
        return self._single_day(anchor, self.zone.begin(anchor)) is None

    def _windows(self, window: DailyWindow, anchor: int, single: int | None, after: int) -> Iterator[Window]:
        day = self._run_day(self.zone.day(after) - window.crosses_midnight, anchor, single)
        while day is not None:
            opened = window.on(day, self.zone)
            if window.crosses_midnight and len(opened.offsets) > 1:
                opened = self._without_shared_start(opened, window, day, anchor, single)
            if opened.last > after:
                yield opened
            day = self._run_day(day + 1, anchor, single)

    def _run_day(self, day: int, anchor: int, single: int | None) -> int | None:
        if self.days_repeat_period:
            return self._first_day(day, anchor)
        return single if single is not None and day <= single else None

    def _first_day(self, day: int, anchor: int) -> int | None:
        """The first run day by rules 1 to 6 from `day` on; a date that the zone skipped is none."""
        found = self.days.first(day, anchor)
        while found is not None and not self.zone.has(found):
            found = self.days.first(found + 1, anchor)
        return found

    def _single_day(self, anchor: int, since: int) -> int | None:
        day = self._first_day(anchor, anchor)
        if self.begin_date is not None:
            return day if day == anchor else None
        while day is not None and not self._has_start(day, since):
            day = self._first_day(day + 1, anchor)
        return day

    def _has_start(self, day: int, since: int) -> bool:
        opened = (window.on(day, self.zone) for window in self.windows)
        return any(window.base + window.offsets[-1] >= since for window in opened)

    def _without_shared_start(
        self, opened: Window, window: DailyWindow, day: int, anchor: int, single: int | None
    ) -> Window:
        """A gap can make a window end as the next day's opens; a start in that instant is the next day's."""
        final = opened.base + opened.offsets[-1]
        if final == self.zone.instant(day + 1, window.begin_time) and self._run_day(day + 1, anchor, single) == day + 1:
            return opened._replace(offsets=opened.offsets[:-1])
        return opened

    def to_data(self) -> dict[str, Any]:
        """Canonical JSON: the zone, and whatever differs from the defaults."""
        data: dict[str, Any] = {"timezone": self.zone.name}
        if self.begin_date:
            data["begin_date"] = date_text(self.begin_date)
        if self.end_date:
            data["end_date"] = date_text(self.end_date)
        for key, default in _NUMBERS.items():
            if (number := getattr(self, key)) != default:
                data[key] = number
        if self.week_days != ALL_WEEK_DAYS:
            data["week_days"] = list(self.week_days)
        if self.months != ALL_MONTHS:
            data["months"] = list(self.months)
        if self.start_within is not None:
            data["start_within"] = self.start_within
        if self.detailed:
            data["detailed_daily_schedules"] = [window.to_data() for window in self.detailed]
        return data | self.window.to_data()


_NUMBERS = {"days_repeat_period": 0, "weeks_period": 1, "day_in_month": 0, "week_day_in_month": 0}


@lru_cache(maxsize=4096)
def _matching(week_days: tuple[int, ...], day_in_month: int, week_day_in_month: int, shape: Shape) -> tuple[int, ...]:
    """The days of a month of that shape for which rules 2 (weekday), 3 and 4 hold."""
    length, first = shape
    return tuple(
        day
        for day in range(1, length + 1)
        if (first + day - 1) % 7 + 1 in week_days
        and day_in_month in (0, day, day - length - 1)
        and week_day_in_month in (0, (day - 1) // 7 + 1, -((length - day) // 7) - 1)
    )
