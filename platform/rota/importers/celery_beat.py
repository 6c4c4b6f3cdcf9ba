"""`rota import celery-beat`: the beat schedule of a Celery application, from its module or from a dump as JSON.

A module is imported in a process of its own, by `celery_beat_dump`. The tasks become stubs.
"""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from rota.configuration.source import Source, read
from rota.importers.imported import Clock, Imported, ImportedJob, Place, require_readable
from rota.importers.manifest import Manifest, manifests
from rota.importers.naming import Names, identifier, job_name
from rota.importers.stubs import Stubs
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem
from rota.runtime.processes import DEVNULL, TimeoutExpired, python_module, start_process

TIME_LIMIT = 60.0
"""Seconds that an import of the application may take."""

_DAY = 86_400
_INTERVALS = "beat counts intervals from its own start; here they count from midnight"


def read_celery_beat(module: str, *, name: str | None = None, timezone: str | None = None) -> Imported:
    """The entries of the module's schedule, or of the dump if `module` is a file.

    Raises `ConfigurationError` with everything that cannot be read.
    """
    is_file = Path(module).exists()
    source = _read(Path(module)) if is_file else _dumped(module)
    problems: list[Problem] = []
    dump = next(manifests(source, problems), None)
    require_readable(problems)
    if dump is None:
        raise ConfigurationError([Place(source.name).bad("holds no schedule")])
    if failure := dump.text("failure"):
        raise ConfigurationError([Place(source.name).bad(f"cannot be read: {failure}")])
    # Celery's own default is UTC too; a zone that does not exist is told with everything that is not valid.
    zone = Clock.of(timezone).zone if timezone else dump.text("timezone") or "UTC"
    own = name or job_name(Path(module).stem if is_file else module.partition(".")[0], otherwise="celery")
    importer = _Importer(Stubs(identifier(f"{own}-jobs", otherwise="celery_jobs"), "*args: object, **kwargs: object"))
    jobs = tuple(importer.jobs(dump.section("beat_schedule"), source.name if is_file else f"module {module}", is_file))
    require_readable(importer.problems)
    if not jobs:
        raise ConfigurationError([Place(source.name).bad("its beat schedule is empty")])
    return Imported(
        name=own,
        importer="celery-beat",
        source=module,
        timezone=zone,
        jobs=jobs,
        findings=tuple(importer.findings),
        modules=(importer.stubs.package,),
        files=importer.stubs.files(),
    )


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
        self.findings: list[Problem] = []
        self.problems: list[Problem] = []
        self._names = Names()

    def jobs(self, entries: Manifest, file: str, has_lines: bool) -> Iterator[ImportedJob]:
        for title in entries.data:
            try:
                entry = entries.section(title)
                yield self._job(title, entry, entry.place() if has_lines else Place(file))
            except ConfigurationError as error:
                self.problems += error.problems

    def _job(self, title: str, entry: Manifest, place: Place) -> ImportedJob:
        name = self._names.take(job_name(title))
        task = entry.text("task", required=True)
        module, _, function = task.rpartition(".")
        told: list[str] = []
        body: dict[str, Any] = {"method": self.stubs.method(task, module or "tasks", function)}
        body |= _parameters(entry, told)
        schedule = _schedule(entry.section("schedule"), told)
        if schedule is None:
            body["use"] = False
        else:
            body["schedule"] = schedule | _start_within(entry)
        told += [f"{each} has no counterpart" for each in entry.texts("unreadable")]
        told += [message for _, message in entry.leftovers()]
        if schedule is not None and "cron" not in schedule and not self.findings:
            self.findings.append(Place(place.file).finding(_INTERVALS))
        return ImportedJob(
            name=name,
            place=place,
            body=body,
            remarks=(f"Entry {title}, task {task}",),
            findings=tuple(place.finding(message, job=name) for message in told),
        )


def _parameters(entry: Manifest, told: list[str]) -> dict[str, Any]:
    has_positional, has_named = entry.has("args"), entry.has("kwargs")
    positional = entry.data["args"] if has_positional else None
    named = entry.data["kwargs"] if has_named else None
    if positional and named:
        told.append(f"args {positional!r} stand beside kwargs: a job has one or the other, and keeps the kwargs")
    parameters = named or positional
    return {"parameters": parameters} if parameters else {}


def _start_within(entry: Manifest) -> dict[str, Any]:
    """`expires` in seconds: from then on a late start is no use."""
    if not entry.has("options"):
        return {}
    options = entry.section("options")
    expires = options.data.get("expires")
    if type(expires) is int and expires > 0:
        return {"start_within": options.number("expires", 0)}
    return {}


def _schedule(schedule: Manifest, told: list[str]) -> dict[str, Any] | None:
    """The schedule in Rota's language; None, and said why, if it has none."""
    if expression := schedule.text("crontab"):
        fields = expression.split()
        if len(fields) == 5 and fields[2] != "*" and fields[4] != "*":
            told.append(f"crontab {expression}: Celery wants both days to match, cron either; it has no schedule here")
            return None
        return {"cron": expression}
    if schedule.has("every"):
        return _interval(schedule.data["every"], told)
    told.append(f"{schedule.text('other') or 'its schedule'} has no counterpart; it has no schedule here")
    return None


def _interval(every: Any, told: list[str]) -> dict[str, Any] | None:
    seconds = int(every) if isinstance(every, int | float) and every >= 1 and every == int(every) else 0
    if seconds and seconds % _DAY == 0:
        return {"days_repeat_period": seconds // _DAY}
    if 0 < seconds < _DAY:
        if _DAY % seconds:
            told.append(f"every {seconds} s: the count begins anew at midnight")
        return {"days_repeat_period": 1, "repeat_period_in_day": seconds}
    told.append(f"every {every} s is neither whole seconds within a day nor whole days; it has no schedule here")
    return None
