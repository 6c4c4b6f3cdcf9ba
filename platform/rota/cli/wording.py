"""Values in words that several commands show: spans, restarts, schedules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rota.model.counting import counted


def span(seconds: float) -> str:
    """A span as configurations write it: `90s`, `10m`, `2h`, `0.5s`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


def retry(policy: dict[str, Any]) -> str:
    """A restart policy: `3 restarts, 10s apart`."""
    if not policy["count"]:
        return "none"
    pause = f"{span(policy['interval'])} apart" if policy["interval"] else "at once"
    text = f"{counted(policy['count'], 'restart')}, {pause}"
    if policy["backoff"] != 1:
        text += f", each pause {policy['backoff']:g} times the one before"
        text += f", at most {span(policy['max_interval'])}" if policy["max_interval"] else ""
    return text if policy["on_timeout"] else text + ", none after a timeout"


def command(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is around a command, as lines to show: variables by their names alone, since a value may be a secret."""
    from rota.model.command import OK_EXIT_CODES

    codes = list(facts["ok_exit_codes"])
    return [
        ("environment", ", ".join(sorted(facts["environment"]))),
        ("folder", facts["working_directory"] or ""),
        ("ok exit codes", "" if codes == list(OK_EXIT_CODES) else ", ".join(map(str, codes))),
    ]


def as_json(value: Any) -> str:
    """A value as JSON on one line; nothing for None."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def of_property(name: str, value: Any) -> str:
    """The value of a job's property: schedules, restarts and spans in words, anything else as JSON."""
    if value is None:
        return "none"
    if name == "schedule":
        from rota.schedule import Schedule

        return Schedule.parse(value).describe()
    if name == "retry":
        return retry(value)
    if name == "timeout":
        return span(value)
    return value if isinstance(value, str) and value else as_json(value)
