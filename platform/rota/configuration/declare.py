"""From a resolved document back to what a file would declare: the reverse of `resolve` and `build`.

Used to check a stored revision by the rules that files are checked by, and to write one as a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.configuration.resolve import default_executor
from rota.model.definition import Definition, Retention
from rota.model.retry import RetryPolicy
from rota.schedule.durations import UNITS

_HEADER_DEFAULTS: dict[str, Any] = {"description": "", "timezone": "UTC", "modules": [], "executors": {}}
_JOB_DEFAULTS: dict[str, Any] = {**Definition(name="any").properties, "renamed_from": None}


def declared(document: Mapping[str, Any]) -> dict[str, Any]:
    """A declaration that resolves to this very document, without what would be filled in anyway."""
    header = document["configuration"]
    return {
        "rota": document["rota"],
        "configuration": _header(header),
        "jobs": {name: _job(body, header["timezone"]) for name, body in document["jobs"].items()},
    }


def _header(header: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in header.items() if value != _HEADER_DEFAULTS.get(name)}
    if "executors" in said:
        said["executors"] = {name: _without(None, spec) for name, spec in said["executors"].items()}
    retention = _differing(said.pop("retention"), Retention().to_data())
    if "age" in retention:
        retention["age"] = _span(retention["age"])
    return {**said, "retention": retention} if retention else said


def _job(body: Mapping[str, Any], timezone: str) -> dict[str, Any]:
    said = {name: value for name, value in body.items() if name == "executor" or value != _JOB_DEFAULTS[name]}
    if said.get("executor") == default_executor(said, {}, {}):
        del said["executor"]
    if "retry" in said:
        retry = _differing(said["retry"], RetryPolicy().to_data())
        spans = {name: _span(retry[name]) for name in ("interval", "max_interval") if name in retry}
        said["retry"] = {**retry, **spans}
    if "timeout" in said:
        said["timeout"] = _span(said["timeout"])
    if "schedule" in said:
        said["schedule"] = _schedule(said["schedule"], timezone)
    return said


def _schedule(data: Any, timezone: str) -> Any:
    if isinstance(data, list):
        return [_schedule(each, timezone) for each in data]
    return _without(timezone, data, "timezone") or data


def _without(value: Any, data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The entries but those of this value; of `names` only, if any are given."""
    return {name: each for name, each in data.items() if each != value or (names and name not in names)}


def _differing(data: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value != defaults[name]}


def _span(seconds: float) -> str:
    """A duration as people write it: `1h30m`."""
    text, rest = "", int(seconds)
    for unit, size in UNITS.items():
        count, rest = divmod(rest, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"
