"""`rota import celery-beat`: the beat schedule of a Celery application, from its module or from a dump of it.

A module is imported in a process of its own, by `celery_beat_dump`. A dump is JSON or YAML: the schedule itself, or a
fixture of django-celery-beat. The tasks become stubs.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from rota.configuration.source import Source, read
from rota.importers.celery_beat_entries import Entry, read_entries
from rota.importers.celery_beat_fixture import Fixture
from rota.importers.imported import Clock, Imported, ImportedJob, Place, require_readable, schedule_problems
from rota.importers.manifest import Manifest, manifests
from rota.importers.naming import Names, identifier, job_name
from rota.importers.stubs import Stubs
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem
from rota.runtime.processes import DEVNULL, TimeoutExpired, python_module, start_process

TIME_LIMIT = 60.0
"""Seconds that an import of the application may take."""

_SETTINGS = ("beat_schedule", "CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE")
_INTERVALS = "beat counts intervals from its own start; here they count from midnight"


def read_celery_beat(module: str, *, name: str | None = None, timezone: str | None = None) -> Imported:
    """The entries of the module's schedule, or of the dump if `module` is a file.

    Raises `ConfigurationError` with everything that cannot be read.
    """
    is_file = Path(module).exists()
    source = _read(Path(module)) if is_file else _dumped(module)
    problems: list[Problem] = []
    objects = list(manifests(source, problems))
    if not objects:
        require_readable(problems)
        raise ConfigurationError([Place(source.name).bad("holds no schedule")])
    if failure := objects[0].text("failure"):
        raise ConfigurationError([Place(source.name).bad(f"cannot be read: {failure}")])
    own = name or job_name(Path(module).stem if is_file else module.partition(".")[0], otherwise="celery")
    importer = _Importer(Stubs(identifier(f"{own}-jobs", otherwise="celery_jobs"), "*args: object, **kwargs: object"))
    findings: list[Problem] = []
    entries = list(_entries(objects, problems, findings))
    # What stands in a module has no line that anybody could look at.
    placed = entries if is_file else [replace(entry, place=Place(f"module {module}")) for entry in entries]
    jobs = tuple(importer.job(entry) for entry in placed)
    found = [*problems, *importer.problems]
    require_readable(found if is_file else (structs.replace(each, line=None, column=None) for each in found))
    if not jobs:
        raise ConfigurationError([Place(source.name).bad("its beat schedule is empty"), *findings])
    if any(entry.is_interval for entry in entries):
        findings.insert(0, jobs[0].place.whole.finding(_INTERVALS))
    # Celery's own default is UTC too; a zone that does not exist is told with everything that is not valid.
    zone = Clock.of(timezone).zone if timezone else objects[0].text("timezone") or "UTC"
    return Imported(
        name=own,
        importer="celery-beat",
        source=module,
        timezone=zone,
        jobs=jobs,
        findings=tuple(findings),
        modules=(importer.stubs.package,),
        files=importer.stubs.files(),
    )


def _entries(objects: list[Manifest], problems: list[Problem], findings: list[Problem]) -> Iterator[Entry]:
    """Those of a fixture, of a dump with a time zone, or of a bare `beat_schedule`."""
    first = objects[0]
    if "model" in first.data:
        fixture = Fixture(objects)
        yield from fixture.entries(problems)
        findings += fixture.findings
        return
    for key in _SETTINGS:
        if key in first.data:
            yield from read_entries(first.section(key), problems)
            return
    if any(isinstance(entry, dict) for entry in first.data.values()):
        yield from read_entries(first, problems)


def _read(path: Path) -> Source:
    source = read(path)
    if isinstance(source, Problem):
        raise ConfigurationError([source])
    return source


def _dumped(module: str) -> Source:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "dump.json")
        argv = python_module("rota.importers.celery_beat_dump", module, str(file))
        with start_process(argv, stdout=DEVNULL, stderr=DEVNULL) as process:
            try:
                process.wait(TIME_LIMIT)
            except TimeoutExpired:
                message = f"its import did not finish within {TIME_LIMIT:g} s"
                raise ConfigurationError([Place(module).bad(message)]) from None
            finally:
                # The application may have started processes that outlive its import.
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
        if not file.exists():
            raise ConfigurationError([Place(module).bad("its import ended the process")])
        return Source(Path(module), file.read_text(encoding="utf-8"))


class _Importer:
    def __init__(self, stubs: Stubs) -> None:
        self.stubs = stubs
        self.problems: list[Problem] = []
        self._names = Names()

    def job(self, entry: Entry) -> ImportedJob:
        name = self._names.take(job_name(entry.title))
        module, _, function = entry.task.rpartition(".")
        body: dict[str, Any] = {"description": entry.description} if entry.description else {}
        body["method"] = self.stubs.method(entry.task, module or "tasks", function)
        if entry.parameters:
            body["parameters"] = entry.parameters
        if not entry.use or entry.schedule is None:
            body["use"] = False
        if entry.schedule is not None:
            body["schedule"] = entry.schedule
            self.problems += schedule_problems(entry.schedule, name, entry.place)
        return ImportedJob(
            name=name,
            place=entry.place,
            body=body,
            remarks=(f"Entry {entry.title}, task {entry.task}",),
            findings=tuple(entry.place.finding(message, job=name) for message in entry.told),
        )
