"""The periodic tasks that django-celery-beat keeps, as Django dumps them: `manage.py dumpdata`. Used by celery_beat.

A fixture is a list of objects, each with `model`, `pk` and `fields`; a periodic task names its schedule by its key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from rota.importers.celery_beat_entries import Entry, parameters
from rota.importers.celery_beat_schedules import crontab, every
from rota.importers.manifest import Manifest
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem

_APPLICATION = "django_celery_beat."
_TASK = "periodictask"
_KINDS = {
    "interval": "intervalschedule",
    "crontab": "crontabschedule",
    "solar": "solarschedule",
    "clocked": "clockedschedule",
}
_NOTED_BY_BEAT = {"last_run_at", "total_run_count", "date_changed"}
_KNOWN = {"name", "task", "description", "enabled", "args", "kwargs", "expire_seconds", "one_off"}
_KNOWN |= _KINDS.keys() | _NOTED_BY_BEAT
_EMPTY: tuple[Any, ...] = (None, "", "{}", False)
"""What a field of a task holds that says nothing."""


class Fixture:
    """The objects of a fixture; `findings` are complete once `entries` was read to its end."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self.findings: list[Problem] = []
        self._tasks: list[Manifest] = []
        self._schedules: dict[tuple[str, Any], Manifest] = {}
        for found in objects:
            self._sort(found)

    def entries(self, problems: list[Problem]) -> Iterator[Entry]:
        """Every periodic task; those that cannot be read become problems."""
        used: set[tuple[str, Any]] = set()
        for task in self._tasks:
            try:
                yield self._entry(task.section("fields"), used)
            except ConfigurationError as error:
                problems += error.problems
        for key, found in self._schedules.items():
            if key not in used:
                self.findings.append(found.place().finding(f"{key[0]} {key[1]}: no task has it"))

    def _sort(self, found: Manifest) -> None:
        model = str(found.data.get("model"))
        name = model.removeprefix(_APPLICATION)
        if model == _APPLICATION + _TASK:
            self._tasks.append(found)
        elif model.startswith(_APPLICATION) and name in _KINDS.values():
            self._schedules[name, found.data.get("pk")] = found
        elif model != f"{_APPLICATION}periodictasks":  # when anything last changed
            self.findings.append(found.place().finding(f"{model}: left out"))

    def _entry(self, fields: Manifest, used: set[tuple[str, Any]]) -> Entry:
        entry = Entry(
            title=fields.text("name", required=True),
            place=fields.place(),
            task=fields.text("task", required=True),
            description=fields.text("description"),
            use=fields.data.get("enabled", True) is not False,
        )
        entry.parameters = parameters(_json(fields, "args"), _json(fields, "kwargs"), entry.told)
        entry.schedule = self._schedule(fields, entry, used)
        if entry.schedule is not None and (seconds := fields.number("expire_seconds", 0)):
            entry.schedule["start_within"] = seconds
        if fields.flag("one_off") and fields.data.get("clocked") is None:
            entry.use = False
            entry.told.append("one_off: it runs once there, and again and again here; it is switched off")
        for key, value in fields.data.items():
            if key not in _KNOWN and value not in _EMPTY:
                entry.told.append(f"{key} {value!r} has no counterpart")
        return entry

    def _schedule(self, fields: Manifest, entry: Entry, used: set[tuple[str, Any]]) -> dict[str, Any] | None:
        named = [(kind, fields.data[kind]) for kind in _KINDS if fields.data.get(kind) is not None]
        if not named:
            entry.told.append("names no schedule")
            return None
        kind, key = named[0]
        found = self._schedules.get((_KINDS[kind], key if isinstance(key, int | str) else None))
        if found is None:
            raise ConfigurationError([fields.place(kind).bad(f"there is no {_KINDS[kind]} {key!r} in the fixture")])
        used.add((_KINDS[kind], key))
        return _READERS[kind](found.section("fields"), entry)


def _interval(fields: Manifest, entry: Entry) -> dict[str, Any] | None:
    entry.is_interval = True
    return every(fields.number("every", 0), fields.text("period", required=True), entry.told.append)


def _crontab(fields: Manifest, entry: Entry) -> dict[str, Any] | None:
    schedule = crontab(fields.data, entry.told.append)
    zone = fields.text("timezone")
    return {**schedule, "timezone": zone} if schedule and zone else schedule


def _solar(fields: Manifest, entry: Entry) -> None:
    where = f"{fields.data.get('latitude')}, {fields.data.get('longitude')}"
    entry.told.append(f"solar {fields.text('event')} at {where} has no counterpart; it has no schedule here")


def _clocked(fields: Manifest, entry: Entry) -> dict[str, Any] | None:
    text = fields.text("clocked_time", required=True)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigurationError([fields.place("clocked_time").bad(f"{text!r} is not a time: {error}")]) from error
    instant = instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)
    if instant.microsecond:
        entry.told.append(f"clocked {text}: fractions of a second are dropped")
    day, time = instant.date().isoformat(), f"{instant:%H:%M:%S}"
    return {"timezone": "UTC", "days_repeat_period": 0, "begin_date": day, "begin_time": time}


_READERS = {"interval": _interval, "crontab": _crontab, "solar": _solar, "clocked": _clocked}


def _json(fields: Manifest, key: str) -> Any:
    """What the field's text holds: Django keeps parameters as JSON."""
    text = fields.text(key)
    try:
        return json.loads(text) if text else None
    except ValueError as error:
        raise ConfigurationError([fields.place(key).bad(f"{key} {text!r} is not JSON: {error}")]) from error
