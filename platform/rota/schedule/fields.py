"""Reads and writes single values of a schedule: numbers, names, times, dates, durations. Used by parsing.

A reader takes whatever JSON may hold and returns the value or raises `ScheduleError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import Any

from rota.schedule.durations import parse_duration
from rota.schedule.problems import Findings, rejected

Writer = Callable[[Any], Any]

WEEK_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def show(value: Any) -> str:
    """A value as it stands in a message: in JSON's words, and short whatever it is."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 40 else value[:39] + "…", ensure_ascii=False)
    if isinstance(value, int) and abs(value) >= 10**18:
        return "a huge number"
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    if isinstance(value, Sequence):
        return "a list"
    return "a mapping" if isinstance(value, dict) else f"a {type(value).__name__}"


def nearest(word: Any, known: Sequence[str]) -> str | None:
    """A hint with the known word that is meant, if one is close."""
    found = get_close_matches(word[:64].lower(), known, n=1) if isinstance(word, str) else []
    return f"did you mean {found[0]}?" if found else None


def integer(low: int, high: int) -> Callable[[Any], int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise rejected(f"{show(value)} is not a whole number", code="schedule.wrong-type")
        if value < low:
            raise rejected(f"{show(value)} is less than the minimum of {low}", code="schedule.out-of-range")
        if value > high:
            raise rejected(f"{show(value)} is greater than the maximum of {high}", code="schedule.out-of-range")
        return value

    return read


def names(known: Sequence[str], what: str) -> Callable[[Any], tuple[int, ...]]:
    """A reader of lists of numbers from 1 or the names that stand for them; gives them sorted, each once."""

    def read_one(value: Any) -> int:
        if isinstance(value, str):
            if value in known:
                return known.index(value) + 1
            hint = nearest(value[:3], known)
            raise rejected(
                f"{show(value)} is not a {what}: expected 1 to {len(known)} or {known[0]} to {known[-1]}",
                code="schedule.unknown-name",
                hint=hint,
            )
        return integer(1, len(known))(value)

    def read(value: Any) -> tuple[int, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise rejected(
                f"{show(value)} is not a list of {what}s",
                code="schedule.wrong-type",
                hint=f"write [{known[0]}]",
            )
        if not value:
            raise rejected(f"no {what} is listed", code="schedule.empty", hint="leave the key out to mean all of them")
        findings, numbers = Findings(), set()
        for index, item in enumerate(value):
            with findings.at(index):
                numbers.add(read_one(item))
        findings.raise_if_any()
        return tuple(sorted(numbers))

    return read


def time_of_day(value: Any) -> int:
    """Seconds after midnight, from `HH:MM` or `HH:MM:SS`."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise rejected(
            f"{show(value)} is not a time of day: expected text of the form HH:MM or HH:MM:SS",
            code="schedule.bad-time",
            hint=_time_hint(value),
        )
    hours, minutes, seconds = (int(part) for part in match.groups("0"))
    return hours * 3600 + minutes * 60 + seconds


def _time_hint(value: Any) -> str | None:
    if not isinstance(value, str):
        return 'in quotes, as in "09:00"'
    if value.startswith("24:00"):
        return "leave end_time out to mean the end of the day"
    return f'write "0{value}"' if _TIME.fullmatch(f"0{value}") else None


def time_text(seconds: int) -> str:
    """The canonical text of a time of day: `HH:MM`, with seconds only where there are any."""
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def calendar_date(value: Any) -> date:
    """A date, from `YYYY-MM-DD`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise rejected(f"{show(value)} is not a date: expected text of the form YYYY-MM-DD", code="schedule.bad-date")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise rejected(f"{show(value)} is not a date: {error}", code="schedule.bad-date") from None


def date_text(day: date) -> str:
    """The canonical text of a date."""
    return day.isoformat()


def duration(value: Any) -> int:
    """Seconds, from a whole number or a text such as 1h30m."""
    try:
        return parse_duration(value)
    except ValueError as error:
        message = str(error) if isinstance(value, str | int) else f"{show(value)} is {error}"
        raise rejected(message, code="schedule.bad-duration", hint=_duration_hint(value)) from None


def _duration_hint(value: Any) -> str | None:
    return f"write {value} without quotes, or {value}s" if isinstance(value, str) and value.isdecimal() else None


@cache
def _defaults(kind: Any) -> dict[str, Any]:
    """The default of each field of a dataclass."""
    return {field.name: field.default for field in fields(kind)}


def written(value: Any, writers: Mapping[str, Writer]) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults, each as its writer has it."""
    defaults = _defaults(value.__class__)
    present = {name: getattr(value, name) for name in writers}
    return {name: writers[name](found) for name, found in present.items() if found != defaults[name]}
