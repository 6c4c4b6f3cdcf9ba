"""Rules of values that stand in several places: executor names, retry policies, durations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.configuration.codes import Code
from rota.configuration.declared import EXECUTORS
from rota.configuration.document import Document, Findings
from rota.configuration.parse import KeyPath
from rota.configuration.wording import closest, show
from rota.model.retry import RetryPolicy
from rota.schedule import parse_duration

_RETRY_KEYS = frozenset(RetryPolicy.__struct_fields__)


def check_executor_name(
    name: Any, kinds: Mapping[str, str], document: Document, path: KeyPath, findings: Findings
) -> bool:
    """Whether `name` is an executor; a text that is none is a problem."""
    if not isinstance(name, str) or not name:
        return False
    if name not in kinds:
        hint = closest(name, kinds) or f"there are {', '.join(kinds)}"
        if not findings.covers(document, path):
            message, declared = f"there is no executor {show(name)}", (*EXECUTORS, name)
            findings.add(document, path, Code.UNKNOWN_EXECUTOR, message, hint=hint, rests_on=[declared])
        return False
    return True


def check_duration(
    value: Any, document: Document, path: KeyPath, findings: Findings, *, positive: bool = False
) -> int | None:
    """The duration in seconds, if it is one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        seconds = parse_duration(value)
    except ValueError as error:
        if not findings.covers(document, path):
            findings.add(document, path, Code.DURATION, str(error))
        return None
    if positive and seconds == 0 and not findings.covers(document, path):
        findings.add(document, path, Code.DURATION, "must be more than zero", hint="leave the key out for no limit")
    return seconds


def check_retry(retry: Any, document: Document, path: KeyPath, findings: Findings) -> None:
    """Intervals that are none or contradict each other, and settings without effect."""
    if not isinstance(retry, dict):
        return
    interval = check_duration(retry.get("interval"), document, (*path, "interval"), findings)
    longest = check_duration(retry.get("max_interval"), document, (*path, "max_interval"), findings)
    if longest is not None and longest < (interval or 0) and not findings.covers(document, (*path, "max_interval")):
        message = f"is shorter than the interval of {interval} seconds"
        findings.add(document, (*path, "max_interval"), Code.RETRY, message)
    if "count" not in retry and retry and retry.keys() <= _RETRY_KEYS:
        message = "has no effect without a count, because a job is not restarted by itself"
        findings.add(document, path, Code.RETRY, message, hint="add count", severity="warning", at_key=True)
