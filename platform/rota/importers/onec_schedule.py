"""The schedule of a 1C:Enterprise job in Rota's language. Used by onec.

Both formats name the same fields: the designer's dump writes them as `BeginTime` and lists as numbers in one element,
the EDT project as `beginTime`, leaving zeros out, and lists as one element with a name for each entry.
"""

from __future__ import annotations

import re
from typing import Any

from rota.importers.imported import Place, require_readable
from rota.importers.xml_tree import Element
from rota.model.problem import Problem

_NO_DATE = "0001-01-01"
_MIDNIGHT = "00:00:00"

_WEEK_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_DAYS = ("begin_date", "end_date", "days_repeat_period", "weeks_period", "day_in_month", "week_day_in_month")
_TIMES = (
    "begin_time",
    "end_time",
    "repeat_period_in_day",
    "repeat_pause",
    "completion_time",
    "completion_interval",
)
_DATES = {"begin_date", "end_date"}
_CLOCK = {"begin_time", "end_time", "completion_time"}
_LISTS = {"week_days": _WEEK_DAYS, "months": _MONTHS}
_DETAILED = {"detailed_daily_schedules", "daily_schedules"}


def read_schedule(element: Element, job: str) -> tuple[dict[str, Any], list[Problem]]:
    """The schedule, and what of it has no counterpart. Raises `ConfigurationError` for values that are none."""
    findings: list[Problem] = []
    problems: list[Problem] = []
    fields = _fields(element, problems)
    lists: dict[str, list[str]] = {name: [] for name in _LISTS}
    detailed = []
    for child in element.children:
        name = _snake(child.name)
        if name in _LISTS:
            lists[name] += _entries(child, _LISTS[name], problems)
        elif name in _DETAILED:
            inner = _fields(child, problems)
            detailed.append({key: inner[key] for key in _TIMES if key in inner} or {"begin_time": "00:00"})
            findings += _unknown(child, job)
        else:
            findings.append(child.place.finding(f"<{child.name}> of the schedule is not known", job=job))
    findings += _unknown(element, job)
    require_readable(problems)
    schedule: dict[str, Any] = {"days_repeat_period": 0}
    schedule |= {key: fields[key] for key in _DAYS if key in fields}
    schedule |= {name: entries for name, entries in lists.items() if 0 < len(entries) < len(_LISTS[name])}
    if detailed:
        return {**schedule, "detailed_daily_schedules": detailed}, findings
    return schedule | {key: fields[key] for key in _TIMES if key in fields}, findings


def _fields(element: Element, problems: list[Problem]) -> dict[str, Any]:
    """The attributes that say something: a date of year 1, midnight and zero say nothing."""
    fields: dict[str, Any] = {}
    for key, text in element.attributes.items():
        name = _snake(key)
        if name in _DATES:
            if text != _NO_DATE:
                fields[name] = text
        elif name in _CLOCK:
            if text != _MIDNIGHT:
                fields[name] = text.removesuffix(":00") if text.count(":") == 2 else text
        elif name in _DAYS or name in _TIMES:
            number = _number(text, f"{key}={text!r}", element.place, problems)
            if number != 0 and (name, number) != ("weeks_period", 1):
                fields[name] = number
    return fields


def _unknown(element: Element, job: str) -> list[Problem]:
    return [
        element.place.finding(f"{key}={text!r} of the schedule is not known", job=job)
        for key, text in element.attributes.items()
        if _snake(key) not in {*_DAYS, *_TIMES}
    ]


def _entries(element: Element, names: tuple[str, ...], problems: list[Problem]) -> list[str]:
    found = []
    for entry in element.text.split():
        if entry[:3].lower() in names:
            found.append(entry[:3].lower())
            continue
        number = _number(entry, f"<{element.name}> holds {entry!r}", element.place, problems)
        if 1 <= number <= len(names):
            found.append(names[number - 1])
        elif number:
            problems.append(element.place.bad(f"<{element.name}> holds {number}: expected 1 to {len(names)}"))
    return found


def _number(text: str, where: str, place: Place, problems: list[Problem]) -> int:
    if re.fullmatch(r"[+-]?[0-9]{1,12}", text.strip()):
        return int(text)
    problems.append(place.bad(f"{where}: not a whole number"))
    return 0


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
