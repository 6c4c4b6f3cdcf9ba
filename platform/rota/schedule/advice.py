"""What is legal in a schedule and probably not meant. Called by `Schedule.warnings`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

from rota.schedule.calendars import ALL_WEEK_DAYS, Calendar
from rota.schedule.cron import Cron
from rota.schedule.daily_window import DailyWindow
from rota.schedule.days import SHORTEST
from rota.schedule.fields import time_text
from rota.schedule.foresight import Moved, moved, seldom
from rota.schedule.phrases import date_words, days_of_week_number, ordinal, seconds_text
from rota.schedule.problems import Path, ScheduleProblem
from rota.schedule.zones import DAY


class Advice(StrEnum):
    """What is probably not meant, by its stable name."""

    SINGLE_DAY = "schedule.single-day"
    """`days_repeat_period` is left out, which means one single day."""
    SINGLE_DAY_WITH_END_DATE = "schedule.single-day-with-end-date"
    """`end_date` on a schedule that means one single day, `begin_date`."""
    NEVER = "schedule.never"
    """No day ever matches."""
    SELDOM = "schedule.seldom"
    """It matches on fewer days than there are years."""
    SHORT_MONTHS = "schedule.short-months"
    """Months that have no such `day_in_month` are passed over."""
    WEEK_DAY_IN_MONTH_OF_ANY_WEEK_DAY = "schedule.week-day-in-month-of-any-week-day"
    """`week_day_in_month` without `week_days` means seven days in a row."""
    NEVER_REPEATS = "schedule.never-repeats"
    """The window is over before the first repeat."""
    UNEVEN_PERIOD = "schedule.uneven-period"
    """A period that does not divide the day, or the hour: the last start is closer to the next than all others."""
    COMPLETION_BEFORE_END = "schedule.completion-before-end"
    """`completion_time` ends the window before `end_time` does."""
    INSIDE_GAP = "schedule.inside-gap"
    """A start at a time that clocks jump over on some date of the next year."""


_HOURLY = 24
"""Starts a day from which on it is of no account that a clock change moves one."""


def advice(members: Sequence[Calendar | Cron], since: date | None, *, listed: bool) -> list[ScheduleProblem]:
    """The warnings about each member, at its place in the data, which is a list or the only member itself."""
    seldoms = [seldom(member) for member in members]
    problems = []
    for index, member in enumerate(members):
        # A rare member of a union is no slip if others run more often.
        rare = seldoms[index] if all(seldoms) else None
        found = [*_member(member, rare, since)]
        problems += [problem.under(index) for problem in found] if listed else found
    return problems


def _warning(code: Advice, path: Path, message: str, hint: str | None = None) -> ScheduleProblem:
    return ScheduleProblem(path, message, hint, code.value)


def _member(member: Calendar | Cron, rare: tuple[int, int] | None, since: date | None) -> Iterator[ScheduleProblem]:
    is_impossible = member.is_impossible()
    if isinstance(member, Calendar):
        yield from _days(member)
        if not is_impossible and not rare:
            yield from _short_months(member)
        for index, window in enumerate(member.windows):
            path: Path = ("detailed_daily_schedules", index) if member.detailed_daily_schedules else ()
            yield from (problem.under(*path) for problem in _window(window, member, since))
    else:
        yield from _cron(member, since)
    if is_impossible:
        yield _warning(Advice.NEVER, (), "no day ever matches: this never runs")
    elif rare:
        yield _warning(Advice.SELDOM, (), f"matches on {rare[0] or 'no'} day{'s' * (rare[0] != 1)} in {rare[1]} years")


def _days(calendar: Calendar) -> Iterator[ScheduleProblem]:
    if not calendar.days_repeat_period_given:
        yield _warning(
            Advice.SINGLE_DAY,
            ("days_repeat_period",),
            "days_repeat_period is left out: this runs on one single day",
            "write days_repeat_period: 1 for every day, or 0 if one day is meant",
        )
    if (
        calendar.begin_date
        and calendar.days_repeat_period == 0
        and calendar.end_date not in (None, calendar.begin_date)
    ):
        yield _warning(
            Advice.SINGLE_DAY_WITH_END_DATE,
            ("end_date",),
            "end_date has no effect: days_repeat_period 0 means one single day, begin_date",
            "write days_repeat_period: 1 for every day",
        )
    if calendar.week_day_in_month and calendar.week_days == ALL_WEEK_DAYS:
        yield _warning(
            Advice.WEEK_DAY_IN_MONTH_OF_ANY_WEEK_DAY,
            ("week_day_in_month",),
            f"without week_days this means {days_of_week_number(calendar.week_day_in_month)} of the month",
            "name the weekday, as in week_days: [wed]",
        )


def _short_months(calendar: Calendar) -> Iterator[ScheduleProblem]:
    if abs(calendar.day_in_month) > min(SHORTEST[month] for month in calendar.months):
        yield _warning(
            Advice.SHORT_MONTHS,
            ("day_in_month",),
            f"months without a {ordinal(calendar.day_in_month)} day are passed over",
            "-1 is the last day of every month" if calendar.day_in_month > 0 else None,
        )


def _window(window: DailyWindow, calendar: Calendar, since: date | None) -> Iterator[ScheduleProblem]:
    period, begin = window.repeat_period_in_day, window.begin_time
    end = DAY - 1 if window.end_time is None else window.end_time + window.crosses_midnight * DAY
    last = (end - begin) // period * period if period else 0
    if period and not last:
        length = DAY - begin if window.end_time is None else end - begin
        message = f"the window is over before the first repeat: it is {seconds_text(length)} long"
        yield _warning(Advice.NEVER_REPEATS, ("repeat_period_in_day",), message)
    elif DAY - last < period and calendar.days_repeat_period == 1:
        yield _warning(
            Advice.UNEVEN_PERIOD,
            ("repeat_period_in_day",),
            f"{seconds_text(period)} do not divide the day: the last start is only {seconds_text(DAY - last)} before "
            "the first of the next day",
            "the count begins anew each day",
        )
    if window.completion_time is not None and window.end_time is not None:
        completion = window.completion_time + (window.completion_time <= begin) * DAY
        if completion < end:
            yield _warning(
                Advice.COMPLETION_BEFORE_END,
                ("completion_time",),
                "nothing starts at or after completion_time, though the window is open longer",
            )
    change = moved(calendar, [begin], since) if since and calendar.days_repeat_period else None
    # A window that opens where the gap ends has the same starts as without it, where the period fits into the gap.
    if change and not (period and (change.to - change.time) % period == 0):
        yield _inside_gap(change, ("begin_time",), calendar)


def _cron(cron: Cron, since: date | None) -> Iterator[ScheduleProblem]:
    for field, size, name in zip(cron.expression.split(), (60, 24), ("minute", "hour"), strict=False):
        step = int(field[2:]) if field.startswith("*/") and field[2:].isdecimal() else 1
        if size % step:
            last = (size - 1) // step * step
            message = f"{field} does not divide the {'hour' if name == 'minute' else 'day'}: "
            message += f"after {name} {last} comes {name} 0"
            yield _warning(Advice.UNEVEN_PERIOD, ("cron",), message)
    change = moved(cron, cron.times, since) if since and len(cron.times) < _HOURLY else None
    if change and (change.whole_day or not cron.follows_the_wall_clock):
        yield _inside_gap(change, ("cron",), cron)


def _inside_gap(change: Moved, path: Path, member: Calendar | Cron) -> ScheduleProblem:
    skips = isinstance(member, Cron) and member.follows_the_wall_clock
    then = "nothing starts that day" if skips else f"it starts at {time_text(change.to)} that day"
    return _warning(
        Advice.INSIDE_GAP,
        path,
        f"{time_text(change.time)} does not exist on {date_words(change.day)} in {member.zone.name}: {then}",
        "clocks go forward then; choose a time outside that hour, or a zone without daylight saving",
    )
