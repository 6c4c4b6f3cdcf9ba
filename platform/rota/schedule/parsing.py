"""From JSON to the members of a schedule: calendars and cron expressions. Called by `Schedule.parse`.

The data may be anything that JSON can hold; everything that is wrong with it is reported at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from rota.schedule.calendars import Calendar
from rota.schedule.cron import Cron, cron_expression
from rota.schedule.daily_window import DailyWindow
from rota.schedule.fields import (
    MONTHS,
    WEEK_DAYS,
    calendar_date,
    duration,
    integer,
    names,
    nearest,
    show,
    time_of_day,
    time_text,
)
from rota.schedule.problems import Findings, ScheduleError, ScheduleProblem, rejected
from rota.schedule.zones import Zone, zone

Member = Calendar | Cron
Reader = Callable[[Any], Any]
T = TypeVar("T")

MAX_PERIOD = 1_000_000
"""The largest period in days or weeks: more than the calendar has of either would be a slip of the pen."""


def parse_members(data: Any, default_zone: str) -> tuple[Member, ...]:
    """The members of a schedule, one for each part of a union. Raises `ScheduleError` with all problems."""
    if not is_list(data):
        return (_member(data, default_zone),)
    if not data:
        raise rejected("a list of schedules needs at least one", code="schedule.empty")
    return _each(data, lambda item: _member(item, default_zone))


def _member(data: Any, default_zone: str) -> Member:
    if isinstance(data, str):
        data = {"cron": data}
    if not isinstance(data, Mapping):
        raise rejected(
            f"{show(data)} is not a schedule: expected a mapping, a cron expression or a list of these",
            code="schedule.wrong-type",
        )
    return _cron(data, default_zone) if "cron" in data else _calendar(data, default_zone)


def _cron(data: Mapping[Any, Any], default_zone: str) -> Cron:
    findings = Findings()
    values = _read(data, _CRON_KEYS, findings)
    _set_zone(values, data, default_zone, findings)
    _check_dates(values, findings)
    findings.raise_if_any()
    return Cron(expression=values.pop("cron"), zone=values.pop("timezone"), **values)


def _calendar(data: Mapping[Any, Any], default_zone: str) -> Calendar:
    findings = Findings()
    values = _read(data, _CALENDAR_KEYS, findings)
    times = {key: values.pop(key) for key in _WINDOW_KEYS if key in values}
    _set_zone(values, data, default_zone, findings)
    _check_dates(values, findings)
    with findings.at():
        _check_times(times)
    if values.get("detailed_daily_schedules"):
        findings.problems += [_beside_detailed(key) for key in _WINDOW_KEYS if key in data]
    findings.raise_if_any()
    return Calendar(
        zone=values.pop("timezone"),
        weeks_period=max(values.pop("weeks_period", 1), 1),
        window=DailyWindow(**times),
        days_repeat_period_given="days_repeat_period" in data,
        **values,
    )


def _detailed(data: Any) -> tuple[DailyWindow, ...]:
    if not is_list(data):
        raise rejected(f"{show(data)} is not a list of daily schedules", code="schedule.wrong-type")
    return _each(data, _daily_window)


def _daily_window(data: Any) -> DailyWindow:
    if not isinstance(data, Mapping):
        raise rejected(f"{show(data)} is not a mapping", code="schedule.wrong-type")
    findings = Findings()
    times = _read(data, _WINDOW_KEYS, findings)
    with findings.at():
        _check_times(times)
    findings.raise_if_any()
    return DailyWindow(**times)


def _zone(value: Any) -> Zone:
    if not isinstance(value, str):
        raise rejected(f"{show(value)} is not the name of a time zone", code="schedule.wrong-type")
    return zone(value)


_CRON_KEYS: dict[str, Reader] = {
    "cron": cron_expression,
    "timezone": _zone,
    "begin_date": calendar_date,
    "end_date": calendar_date,
    "start_within": duration,
    "repeat_pause": duration,
    "completion_time": time_of_day,
    "completion_interval": duration,
}
_WINDOW_KEYS: dict[str, Reader] = {
    "begin_time": time_of_day,
    "end_time": time_of_day,
    "repeat_period_in_day": duration,
    "repeat_pause": duration,
    "completion_time": time_of_day,
    "completion_interval": duration,
}
_CALENDAR_KEYS: dict[str, Reader] = {
    "begin_date": calendar_date,
    "end_date": calendar_date,
    "days_repeat_period": integer(0, MAX_PERIOD),
    "weeks_period": integer(0, MAX_PERIOD),
    "week_days": names(WEEK_DAYS, "weekday"),
    "months": names(MONTHS, "month"),
    "day_in_month": integer(-31, 31),
    "week_day_in_month": integer(-5, 5),
    **_WINDOW_KEYS,
    "detailed_daily_schedules": _detailed,
    "timezone": _zone,
    "start_within": duration,
}


def _read(data: Mapping[Any, Any], readers: Mapping[str, Reader], findings: Findings) -> dict[str, Any]:
    """The values of the known keys that can be read; everything else becomes a finding."""
    values: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(key, str) and key in readers:
            with findings.at(key):
                values[key] = readers[key](value)
        else:
            findings.problems.append(_unknown_key(key, readers))
    return values


def _unknown_key(key: Any, readers: Mapping[str, Reader]) -> ScheduleProblem:
    path = (key if isinstance(key, str | int) else show(key),)
    if "cron" in readers and key in _CALENDAR_KEYS:
        hint = f"beside cron there can be {', '.join(known for known in readers if known != 'cron')}"
        return ScheduleProblem(path, f"{key} does not go with cron", hint, "schedule.unknown-key")
    if readers is _WINDOW_KEYS and key in _CALENDAR_KEYS:
        hint = "it belongs to the schedule, not to one of its daily schedules"
        return ScheduleProblem(path, f"{key} does not go here", hint, "schedule.unknown-key")
    hint = nearest(key, tuple(readers)) or f"known keys: {', '.join(readers)}"
    return ScheduleProblem(path, f"unknown key {show(key)}", hint, "schedule.unknown-key")


def _set_zone(values: dict[str, Any], data: Mapping[Any, Any], default: str, findings: Findings) -> None:
    if "timezone" not in data:
        with findings.at("timezone"):
            values["timezone"] = _zone(default)


def _check_dates(values: Mapping[str, Any], findings: Findings) -> None:
    begin, end = values.get("begin_date"), values.get("end_date")
    if begin and end and end < begin:
        with findings.at("end_date"):
            raise rejected(f"end_date {end} is before begin_date {begin}", code="schedule.end-before-begin")


def _check_times(times: Mapping[str, int]) -> None:
    begin = times.get("begin_time", 0)
    if times.get("end_time") == begin:
        problem = rejected(
            f"end_time is the same as begin_time, {time_text(begin)}",
            code="schedule.end-equals-begin",
            hint="leave end_time out to mean the end of the day",
        ).problems[0]
        raise ScheduleError([problem.under("end_time")])


def _beside_detailed(key: str) -> ScheduleProblem:
    message = f"{key} cannot stand beside detailed_daily_schedules"
    return ScheduleProblem((key,), message, "give it in each of them", "schedule.detail-beside-times")


def is_list(data: Any) -> bool:
    """Whether the data is a list as JSON knows it."""
    return isinstance(data, Sequence) and not isinstance(data, str | bytes)


def _each(data: Sequence[Any], read: Callable[[Any], T]) -> tuple[T, ...]:
    """Every item as read; raises the problems of all of them."""
    findings = Findings()
    items: list[T] = []
    for index, item in enumerate(data):
        with findings.at(index):
            items.append(read(item))
    findings.raise_if_any()
    return tuple(items)
