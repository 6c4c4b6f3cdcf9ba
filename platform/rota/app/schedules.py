"""Schedules as people type them: YAML flow text or a cron expression."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from rota.configuration.expression import parse_expression
from rota.model.errors import UsageError
from rota.schedule import Schedule, ScheduleError
from rota.schedule.zones import zone

_MAPPING = re.compile(r"[a-z_]+:\s")


def looks_like_a_name(expression: str) -> bool:
    """Whether it can only be a job's name: a schedule begins with a bracket, an `@`, a key, or cron's minutes."""
    first = expression.split(maxsplit=1)[:1]
    if not first or expression.strip()[0] in "{[@" or _MAPPING.match(expression):
        return False
    return expression.isdecimal() or any(character.isalpha() for character in first[0])


def read_schedule(expression: str, timezone: str) -> Schedule:
    """The schedule that the text is; a mapping's braces may be missing.

    Raises `UsageError` with everything that is wrong with it.
    """
    text = expression.strip()
    if _MAPPING.match(text):
        text = f"{{{text}}}"
    data = parse_expression(text) if text[:1] in {"{", "["} else text
    try:
        return Schedule.parse(data, timezone=timezone)
    except ScheduleError as error:
        raise UsageError(str(error)) from error


def read_zone(name: str) -> ZoneInfo:
    """The zone of that name. Raises `UsageError` where there is none."""
    try:
        return zone(name).info
    except ScheduleError as error:
        raise UsageError(f"--timezone: {error}") from error
