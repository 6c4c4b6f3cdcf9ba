"""Calendars: run days, with one or several windows each. Built by parsing, placed in time by `Schedule`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, ClassVar

from rota.schedule.daily_window import DailyWindow
from rota.schedule.days import RunDays, Shape
from rota.schedule.fields import Writer, date_text, written
from rota.schedule.series import Daily, Series
from rota.schedule.zones import Zone

ALL_MONTHS = tuple(range(1, 13))
ALL_WEEK_DAYS = tuple(range(1, 8))


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A schedule by calendar rules, in normal form: equal schedules have equal fields."""

    zone: Zone
    window: DailyWindow
    begin_date: date | None = None
    end_date: date | None = None
    days_repeat_period: int = 0
    weeks_period: int = 1
    week_days: tuple[int, ...] = ALL_WEEK_DAYS
    months: tuple[int, ...] = ALL_MONTHS
    day_in_month: int = 0
    week_day_in_month: int = 0
    detailed_daily_schedules: tuple[DailyWindow, ...] = ()
    start_within: int | None = None
    days_repeat_period_given: bool = field(default=True, compare=False)

    WRITERS: ClassVar[dict[str, Writer]] = {
        "begin_date": date_text,
        "end_date": date_text,
        "days_repeat_period": int,
        "weeks_period": int,
        "week_days": list,
        "months": list,
        "day_in_month": int,
        "week_day_in_month": int,
        "start_within": int,
        "detailed_daily_schedules": lambda windows: [window.to_data() for window in windows],
    }

    @property
    def windows(self) -> tuple[DailyWindow, ...]:
        """The windows of each run day."""
        return self.detailed_daily_schedules or (self.window,)

    @property
    def pauses(self) -> bool:
        """Whether a start may have to wait for some time after the end of a run."""
        return any(window.repeat_pause for window in self.windows)

    @cached_property
    def days(self) -> RunDays:
        """The run days; with `days_repeat_period` 0 those of which the single day is one."""
        return RunDays(
            MonthDays(self.week_days, self.day_in_month, self.week_day_in_month),
            months=self.months,
            begin=self.begin_date.toordinal() if self.begin_date else None,
            end=self.end_date.toordinal() if self.end_date else None,
            week_days=self.week_days,
            weeks_period=self.weeks_period,
            days_period=self.days_repeat_period or 1,
        )

    @cached_property
    def series(self) -> tuple[Series, ...] | None:
        """One series for each window of the day; none where run days depend on when the schedule became active."""
        if self.begin_date:
            anchor = self.begin_date.toordinal()
            days = self.days if self.days_repeat_period else self.days.only(anchor)
            return self._series(days, anchor)
        if self.days_repeat_period and not self.days.has_periods:
            return self._series(self.days, None)
        return None

    def place(self, since: int) -> tuple[Series, ...]:
        """The series of a calendar that is active since an instant; they may have starts before it, too."""
        if self.series is not None:
            return self.series
        anchor = self.zone.day(since)
        series = self._series(self.days, anchor)
        if self.days_repeat_period:
            return series
        firsts = [day for each in series if (day := each.first_day_with_a_start(anchor, since)) is not None]
        return self._series(self.days.only(min(firsts, default=None)), anchor)

    def is_impossible(self) -> bool:
        """Whether no day ever matches, whenever the schedule becomes active."""
        if self.series is None or self.begin_date is None:
            return self.days.first(0, None) is None
        return self.series[0].next(self.zone.begin(self.begin_date.toordinal()) - 1) is None

    def to_data(self) -> dict[str, Any]:
        """Canonical JSON: the zone, and whatever differs from the defaults."""
        return {"timezone": self.zone.name, **written(self, self.WRITERS), **self.window.to_data()}

    @cached_property
    def _daily(self) -> tuple[Daily, ...]:
        return tuple(window.daily(self.zone, self.start_within) for window in self.windows)

    def _series(self, days: RunDays, anchor: int | None) -> tuple[Series, ...]:
        return tuple(Series(daily, days, anchor) for daily in self._daily)


@dataclass(frozen=True, slots=True)
class MonthDays:
    """Rules 2 (weekday), 3 and 4. Equal rules share their tables of days."""

    week_days: tuple[int, ...]
    day_in_month: int
    week_day_in_month: int

    def __call__(self, shape: Shape) -> tuple[int, ...]:
        """The days of a month of that shape for which they hold."""
        length, first = shape
        return tuple(
            day
            for day in range(1, length + 1)
            if (first + day - 1) % 7 + 1 in self.week_days
            and self.day_in_month in (0, day, day - length - 1)
            and self.week_day_in_month in (0, (day - 1) // 7 + 1, -((length - day) // 7) - 1)
        )
