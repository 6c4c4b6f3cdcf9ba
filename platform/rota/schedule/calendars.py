"""Calendars: run days, with one or several windows each. Built by parsing, placed in time by `Schedule`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, ClassVar

from rota.schedule.daily_window import DailyWindow
from rota.schedule.days import RunDays, Shape
from rota.schedule.fields import Writer, date_text, written
from rota.schedule.occurrence import Series
from rota.schedule.placement import Placement
from rota.schedule.zones import Zone

ALL_MONTHS = tuple(range(1, 13))
ALL_WEEK_DAYS = tuple(range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
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
    days: RunDays = field(init=False, compare=False, repr=False)

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
        return self.detailed_daily_schedules or (self.window,)

    def place(self, since: int) -> list[Series]:
        """One series for each window of the day, with no start before `since`."""
        placement = self._placement(since)
        return [
            Series(
                partial(placement.windows, window),
                since,
                self.start_within,
                window.repeat_pause,
                window.completion_interval,
                window.follows_runs,
            )
            for window in self.windows
        ]

    def is_impossible(self) -> bool:
        """Whether no day ever matches, whenever the schedule becomes active."""
        if self.begin_date is None:
            return self.days.first(0, None) is None
        begin = self.begin_date.toordinal()
        return self._placement(self.zone.begin(begin)).run_day(begin) is None

    def to_data(self) -> dict[str, Any]:
        """Canonical JSON: the zone, and whatever differs from the defaults."""
        return {"timezone": self.zone.name, **written(self, self.WRITERS), **self.window.to_data()}

    def _placement(self, since: int) -> Placement:
        anchor = self.begin_date.toordinal() if self.begin_date else self.zone.day(since)
        placement = Placement(self.days, self.zone, anchor)
        if self.days_repeat_period:
            return placement
        return placement.only(anchor if self.begin_date else placement.first_with_a_start(self.windows, since))


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
