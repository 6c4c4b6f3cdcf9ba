"""Schedules as people type them: YAML flow text or a cron expression."""

from __future__ import annotations

import re

from rota.configuration.expression import parse_expression
from rota.model.errors import UsageError
from rota.schedule import Schedule, ScheduleError

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)?$")


def looks_like_a_name(expression: str) -> bool:
    """Whether it can only be a job's name: a schedule has braces, spaces or an `@`."""
    return _NAME.match(expression) is not None


def read_schedule(expression: str, timezone: str) -> Schedule:
    """The schedule that the text is. Raises `UsageError` with everything that is wrong with it."""
    text = expression.strip()
    data = parse_expression(text) if text[:1] in {"{", "["} else text
    try:
        return Schedule.parse(data, timezone=timezone)
    except ScheduleError as error:
        raise UsageError(str(error)) from error
