"""Says in plain English what a schedule is. Called by `Schedule.describe`.

A sentence names everything that is set and nothing else: `Every day at 09:00 (Europe/Berlin)`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rota.schedule.calendars import ALL_MONTHS, ALL_WEEK_DAYS, Calendar
from rota.schedule.cron import Cron
from rota.schedule.daily_window import DailyWindow
from rota.schedule.fields import time_text
from rota.schedule.phrases import (
    MONTHS,
    WEEK_DAYS,
    date_words,
    days_of_week_number,
    every,
    listed,
    named,
    ordinal,
    seconds_text,
)


def describe(members: Sequence[Calendar | Cron]) -> str:
    """One sentence for each member."""
    return "; and: ".join(_calendar(each) if isinstance(each, Calendar) else _cron(each) for each in members)


def _calendar(calendar: Calendar) -> str:
    days, (times, limits) = _days(calendar), _times(calendar.windows)
    comma = "" if days.endswith(",") or times.startswith("at ") else ","
    return f"{days}{comma} {times}{_bounds(calendar)}{_closing(calendar, limits)}"


def _cron(cron: Cron) -> str:
    limits = [_least_pause(cron.repeat_pause)] if cron.repeat_pause else []
    limits += _stops(cron.completion_time, cron.completion_interval)
    return f"{cron.explain()} (cron {cron.expression}){_bounds(cron)}{_closing(cron, limits)}"


def _closing(member: Calendar | Cron, limits: Sequence[str]) -> str:
    parts = [f" ({member.zone.name})", *limits]
    if member.start_within is not None:
        parts.append(f"a start is at most {seconds_text(member.start_within)} late")
    if member.is_impossible():
        parts.append("never: no day matches")
    return "; ".join(parts)


def _bounds(member: Calendar | Cron) -> str:
    text = ""
    if member.begin_date and not (isinstance(member, Calendar) and member.days_repeat_period == 0):
        counts = isinstance(member, Calendar) and max(member.days_repeat_period, member.weeks_period) > 1
        text += f", {'counted ' if counts else ''}from {date_words(member.begin_date)}"
    return text + (f", until {date_words(member.end_date)}" if member.end_date else "")


# Days


def _days(calendar: Calendar) -> str:
    """On which days; it ends with a comma where it ends with a condition."""
    period, conditions = calendar.days_repeat_period, " ".join(_conditions(calendar))
    if period == 1:
        return _every_day(calendar, conditions)
    if period > 1:
        return f"Every {ordinal(period)} day" + (f", but only {conditions}," if conditions else "")
    if calendar.begin_date:
        return f"On {date_words(calendar.begin_date)} only" + (f", if that falls {conditions}," if conditions else "")
    return "On one day only" + (f", the first that falls {conditions}," if conditions else "")


def _every_day(calendar: Calendar, conditions: str) -> str:
    if calendar.day_in_month or calendar.week_day_in_month:
        return conditions[0].upper() + conditions[1:] + ("," if " if " in conditions else "")
    plain = _conditions(calendar)[1:] if calendar.week_days != ALL_WEEK_DAYS else _conditions(calendar)
    week_days = named(calendar.week_days, WEEK_DAYS)
    if calendar.week_days == ALL_WEEK_DAYS:
        week_days = "day"
    elif " to " in week_days:
        week_days = f"day from {week_days}"
    return " ".join([f"Every {week_days}", *plain])


def _conditions(calendar: Calendar) -> list[str]:
    """What is asked of a day beyond the period in days."""
    conditions = []
    if calendar.day_in_month:
        conditions.append(f"on the {ordinal(calendar.day_in_month)} day of the month")
    if week_day := _week_day(calendar):
        conditions.append(f"if that falls {week_day}" if conditions else week_day)
    if calendar.weeks_period > 1:
        conditions.append(f"in every {ordinal(calendar.weeks_period)} week")
    if calendar.months != ALL_MONTHS:
        months = named(calendar.months, MONTHS, "or")
        conditions.append(f"{'from' if ' to ' in months else 'in'} {months}")
    return conditions


def _week_day(calendar: Calendar) -> str | None:
    number, week_days = calendar.week_day_in_month, calendar.week_days
    if number and week_days == ALL_WEEK_DAYS:
        return f"on {days_of_week_number(number)} of the month"
    if number:
        names = [f"{ordinal(number)} {WEEK_DAYS[day - 1]}" for day in week_days]
        return f"on the {listed(names, 'or')} of the month"
    if week_days == ALL_WEEK_DAYS:
        return None
    words = named(week_days, WEEK_DAYS, "or")
    return f"on a day from {words}" if " to " in words else f"on a {words}"


# Times


def _times(windows: Sequence[DailyWindow]) -> tuple[str, list[str]]:
    """When occurrences start, and what bounds all of them; what bounds only some stands beside those."""
    starts, limits = [_starts(window) for window in windows], [_limits(window) for window in windows]
    if all(each == limits[0] for each in limits):
        plain = all(start.startswith("at ") for start in starts)
        words = f"at {listed([start.removeprefix('at ') for start in starts])}" if plain else listed(starts)
        return words, limits[0]
    return listed(
        [f"{start} ({'; '.join(each)})" if each else start for start, each in zip(starts, limits, strict=True)]
    ), []


def _starts(window: DailyWindow) -> str:
    if window.repeat_period_in_day:
        return every(window.repeat_period_in_day) + _span(window)
    if window.repeat_pause:
        pause = seconds_text(window.repeat_pause)
        return f"again and again{_span(window)}, each time {pause} after the last run ended"
    return f"at {time_text(window.begin_time)}"


def _span(window: DailyWindow) -> str:
    if window.end_time is not None:
        return f" from {time_text(window.begin_time)} to {_end(window)}"
    return f" from {time_text(window.begin_time)} to midnight" if window.begin_time else ""


def _end(window: DailyWindow) -> str:
    return time_text(window.end_time or 0) + (" the next day" if window.crosses_midnight else "")


def _limits(window: DailyWindow) -> list[str]:
    limits = []
    if window.repeat_period_in_day and window.repeat_pause:
        limits.append(_least_pause(window.repeat_pause))
    if window.end_time is not None and not (window.repeat_period_in_day or window.repeat_pause):
        limits.append(f"a late start may be until {_end(window)}")
    return limits + _stops(window.completion_time, window.completion_interval, window.begin_time)


def _least_pause(seconds: int) -> str:
    return f"each start at least {seconds_text(seconds)} after the last run ended"


def _stops(completion_time: int | None, completion_interval: int, begin_time: int | None = None) -> list[str]:
    stops = []
    if completion_time is not None:
        next_day = begin_time is not None and completion_time <= begin_time
        stops.append(f"at {time_text(completion_time)}{' the next day' if next_day else ''}")
    if completion_interval:
        stops.append(f"after {seconds_text(completion_interval)}")
    return [f"each run is stopped {' or '.join(stops)}"] if stops else []
