"""What is legal in a schedule and probably not meant. Called by `Schedule.warnings`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rota.schedule.calendars import ALL_WEEK_DAYS, Calendar
from rota.schedule.cron import Cron
from rota.schedule.daily_window import DailyWindow
from rota.schedule.days import SHORTEST
from rota.schedule.phrases import days_of_week_number, ordinal, seconds_text
from rota.schedule.problems import Path, ScheduleProblem
from rota.schedule.zones import DAY


def advice(members: Sequence[Calendar | Cron], *, listed: bool) -> list[ScheduleProblem]:
    """The warnings about each member, at its place in the data, which is a list or the only member itself."""
    problems = []
    for index, member in enumerate(members):
        found = [*_calendar(member)] if isinstance(member, Calendar) else []
        if member.is_impossible():
            found.append(_warning((), "no day ever matches: this never runs", None, "never"))
        problems += [problem.under(index) for problem in found] if listed else found
    return problems


def _warning(path: Path, message: str, hint: str | None, code: str) -> ScheduleProblem:
    return ScheduleProblem(path, message, hint, f"schedule.{code}")


def _calendar(calendar: Calendar) -> Iterator[ScheduleProblem]:
    if not calendar.days_repeat_period_given:
        yield _warning(
            ("days_repeat_period",),
            "days_repeat_period is left out: this runs on one single day",
            "write days_repeat_period: 1 for every day, or 0 if one day is meant",
            "single-day",
        )
    if calendar.week_day_in_month and calendar.week_days == ALL_WEEK_DAYS:
        yield _warning(
            ("week_day_in_month",),
            f"without week_days this means {days_of_week_number(calendar.week_day_in_month)} of the month",
            "name the weekday, as in week_days: [wed]",
            "week-day-in-month-of-any-week-day",
        )
    if abs(calendar.day_in_month) > min(SHORTEST[month] for month in calendar.months):
        yield _warning(
            ("day_in_month",),
            f"months without a {ordinal(calendar.day_in_month)} day are passed over",
            "-1 is the last day of every month" if calendar.day_in_month > 0 else None,
            "short-months",
        )
    if (
        calendar.begin_date
        and calendar.days_repeat_period == 0
        and calendar.end_date not in (None, calendar.begin_date)
    ):
        yield _warning(
            ("end_date",),
            "end_date has no effect: days_repeat_period 0 means one single day, begin_date",
            "write days_repeat_period: 1 for every day",
            "single-day-with-end-date",
        )
    for index, window in enumerate(calendar.windows):
        path: Path = ("detailed_daily_schedules", index) if calendar.detailed_daily_schedules else ()
        yield from (problem.under(*path) for problem in _window(window))


def _window(window: DailyWindow) -> Iterator[ScheduleProblem]:
    end = None if window.end_time is None else window.end_time + window.crosses_midnight * DAY
    length = DAY - window.begin_time if end is None else end - window.begin_time
    if window.repeat_period_in_day > length:
        yield _warning(
            ("repeat_period_in_day",),
            f"the window is over before the first repeat: it is {seconds_text(length)} long",
            None,
            "never-repeats",
        )
    if window.completion_time is not None and end is not None:
        completion = window.completion_time + (window.completion_time <= window.begin_time) * DAY
        if completion < end:
            yield _warning(
                ("completion_time",),
                "nothing starts at or after completion_time, though the window is open longer",
                None,
                "completion-before-end",
            )
