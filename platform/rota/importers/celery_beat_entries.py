"""The entries of a `beat_schedule`, each in Rota's terms. Used by celery_beat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rota.importers.celery_beat_schedules import read_schedule
from rota.importers.imported import Place
from rota.importers.manifest import Manifest
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem


@dataclass(slots=True, kw_only=True)
class Entry:
    """A task and when it runs. `told` is what has no counterpart; `is_interval`: it counts from beat's start there."""

    title: str
    place: Place
    task: str
    schedule: dict[str, Any] | None = None
    use: bool = True
    description: str = ""
    parameters: Any = None
    told: list[str] = field(default_factory=list)
    is_interval: bool = False


def read_entries(entries: Manifest, problems: list[Problem]) -> Iterator[Entry]:
    """Every entry by its title; those that cannot be read become problems."""
    for title in entries.data:
        try:
            yield _entry(title, entries.section(title))
        except ConfigurationError as error:
            problems += error.problems


def _entry(title: str, found: Manifest) -> Entry:
    entry = Entry(title=title, place=found.place(), task=found.text("task", required=True))
    positional = found.data["args"] if found.has("args") else None
    named = found.data["kwargs"] if found.has("kwargs") else None
    entry.parameters = parameters(positional, named, entry.told)
    found.has("schedule")
    schedule = read_schedule(found.data.get("schedule"), entry.told.append)
    if schedule is not None:
        entry.is_interval = "cron" not in schedule
        entry.schedule = schedule | _start_within(found)
    entry.told += [f"{each} has no counterpart" for each in found.texts("unreadable")]
    entry.told += [message for _, message in found.leftovers()]
    return entry


def parameters(positional: Any, named: Any, told: list[str]) -> Any:
    """What the task is called with: by name where there are names."""
    if positional and named:
        told.append(f"args {positional!r} stand beside kwargs: a job has one or the other, and keeps the kwargs")
    return named or positional or None


def _start_within(entry: Manifest) -> dict[str, Any]:
    """`expires` in seconds: from then on a late start is no use."""
    if not entry.has("options"):
        return {}
    options = entry.section("options")
    expires = options.data.get("expires")
    return {"start_within": options.number("expires", 0)} if type(expires) is int and expires > 0 else {}
