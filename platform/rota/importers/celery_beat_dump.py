"""The process that imports a Celery application and writes its beat schedule as JSON; started by celery_beat.

It runs beside Celery and knows it by its attributes only: `python -m rota.importers.celery_beat_dump MODULE FILE`.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
_SETTINGS = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE")


def main(module: str, file: str) -> None:
    """Write what was found, or under `failure` why there is nothing."""
    sys.path.insert(0, str(Path.cwd()))
    try:
        found = dump(importlib.import_module(module))
    except BaseException as error:  # noqa: BLE001 -- imported code may raise anything, SystemExit too
        found = {"failure": " ".join(f"{type(error).__name__}: {error}".split())}
    Path(file).write_text(json.dumps(found, indent=1), encoding="utf-8")


def dump(module: object) -> dict[str, Any]:
    """The schedule of the module's Celery application, or of its settings. Raises `LookupError` without either."""
    for value in vars(module).values():
        conf: Any = getattr(value, "conf", None)
        if hasattr(value, "finalize") and hasattr(conf, "beat_schedule"):
            value.finalize()  # what is registered when the application is complete belongs to it
            return _dumped(conf.beat_schedule or {}, conf.timezone)
    for name in _SETTINGS:
        if isinstance(schedule := getattr(module, name, None), Mapping):
            zone = getattr(module, "timezone", None) or getattr(module, "CELERY_TIMEZONE", None)
            return _dumped(schedule, zone)
    raise LookupError(f"it has no Celery application and no {_SETTINGS[0]}")


def _dumped(schedule: Mapping[str, object], zone: object) -> dict[str, Any]:
    entries = {
        str(name): _entry(entry) if isinstance(entry, Mapping) else repr(entry) for name, entry in schedule.items()
    }
    return {"timezone": str(zone) if zone else None, "beat_schedule": entries}


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    dumped: dict[str, Any] = {"schedule": _schedule(entry.get("schedule"))}
    if "task" in entry:
        dumped["task"] = str(entry["task"])
    for key in sorted(entry.keys() - {"task", "schedule"}):
        value = list(entry[key]) if key == "args" and isinstance(entry[key], tuple) else entry[key]
        try:
            json.dumps(value)
        except (TypeError, ValueError):
            dumped.setdefault("unreadable", []).append(f"{key}={value!r}")
        else:
            dumped[key] = value
    return dumped


def _schedule(value: Any) -> dict[str, Any]:
    if all(hasattr(value, f"_orig_{field}") for field in _FIELDS):
        return {"crontab": " ".join(_field(getattr(value, f"_orig_{field}")) for field in _FIELDS)}
    every = getattr(value, "run_every", value)
    if isinstance(every, timedelta):
        return {"every": every.total_seconds()}
    if isinstance(every, int | float):
        return {"every": every}
    return {"other": repr(value)}


def _field(value: object) -> str:
    """One field of a crontab: a text, a number, or several of either."""
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(sorted(str(item) for item in value))
    return "".join(str(value).split())


if __name__ == "__main__":
    main(*sys.argv[1:])
