"""What every importer gives back: jobs in Rota's language, where each came from, and what could not be carried over.

An importer reads foreign files and makes an `Imported`; `require_valid` judges it by the rules of every configuration,
and `writing` makes a folder of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rota.model.errors import ConfigurationError, UsageError
from rota.model.problem import Problem, join_path
from rota.schedule import Schedule, ScheduleError
from rota.schedule.zones import zone

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What a job's `environment` takes as a name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a foreign file; lines count from 1."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def whole(self) -> Place:
        """The file as such."""
        return Place(self.file)

    def finding(self, message: str, *, job: str = "", hint: str | None = None) -> Problem:
        """Something that has no counterpart in Rota, or means something else there."""
        path = f"jobs.{job}" if job else ""
        return Problem(
            message=message,
            code="import.no-counterpart",
            file=self.file,
            line=self.line,
            path=path,
            hint=hint,
            severity="warning",
        )

    def bad(self, message: str, *, path: str = "", hint: str | None = None, column: int | None = None) -> Problem:
        """Something that cannot be read."""
        return Problem(
            message=message,
            code="import.bad-input",
            file=self.file,
            line=self.line,
            column=column,
            path=path,
            hint=hint,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedJob:
    """One job. `body` is what its definition says; `remarks` are facts that only a comment can keep.

    `places` says for a property of the body where it came from, if not from the job's own place.
    """

    name: str
    place: Place
    body: dict[str, Any]
    remarks: tuple[str, ...] = ()
    findings: tuple[Problem, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A configuration in the making. `files` are Python modules by their paths in the new folder."""

    name: str
    importer: str
    source: str
    timezone: str
    jobs: tuple[ImportedJob, ...]
    findings: tuple[Problem, ...] = ()
    modules: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def report(self) -> tuple[Problem, ...]:
        """Everything that was not carried over as it was."""
        return (*self.findings, *(finding for job in self.jobs for finding in job.findings))

    @property
    def header(self) -> dict[str, Any]:
        """The key `configuration` of the new file."""
        header: dict[str, Any] = {"name": self.name, "timezone": self.timezone}
        return {**header, "modules": list(self.modules)} if self.modules else header

    def to_data(self) -> dict[str, Any]:
        """The whole configuration."""
        return {"rota": 1, "configuration": self.header, "jobs": {job.name: job.body for job in self.jobs}}


@dataclass(frozen=True, slots=True)
class Clock:
    """The zone in which schedules are read that name none; `given` if somebody named it."""

    zone: str
    given: bool

    @classmethod
    def of(cls, timezone: str | None) -> Clock:
        """Raises `UsageError` for a zone that does not exist."""
        try:
            return cls(zone(timezone or "UTC").name, timezone is not None)
        except ScheduleError as error:
            raise UsageError(f"--timezone: {error}") from error

    def findings(self, place: Place, whose: str) -> tuple[Problem, ...]:
        """A finding that the zone is assumed, if it is."""
        if self.given:
            return ()
        message = f"schedules are on the clock of {whose}, which is not written there: read as {self.zone}"
        return (place.finding(message, hint="name the zone with --timezone"),)


def require_readable(problems: Iterable[Problem]) -> None:
    """Raises `ConfigurationError` with all of the problems, if there are any."""
    found = list(problems)
    if found:
        raise ConfigurationError(found)


def schedule_problems(schedule: Any, job: str, place: Place) -> Iterator[Problem]:
    """What is wrong with a schedule in Rota's language, told at its place together with whatever else is wrong."""
    try:
        Schedule.parse(schedule)
    except ScheduleError as error:
        for problem in error.problems:
            path = join_path(("jobs", job, "schedule", *problem.path))
            yield place.bad(problem.message, path=path, hint=problem.hint)


def require_valid(imported: Imported) -> None:
    """Raises `ConfigurationError` with everything that makes it invalid, each with its place in the foreign file."""
    from rota.configuration.load import load_data

    loaded = load_data(imported.to_data(), name=imported.source)
    jobs = {job.name: job for job in imported.jobs}
    require_readable(_blamed(problem, jobs, imported.source) for problem in loaded.errors)


def _blamed(problem: Problem, jobs: Mapping[str, ImportedJob], source: str) -> Problem:
    section, _, rest = problem.path.partition(".")
    name, _, inside = rest.partition(".")
    job = jobs.get(name) if section == "jobs" else None
    if job is None:
        return Place(source).bad(problem.message, path=problem.path, hint=problem.hint)
    place = job.places.get(inside.partition(".")[0].partition("[")[0], job.place)
    return place.bad(problem.message, path=problem.path, hint=problem.hint)
