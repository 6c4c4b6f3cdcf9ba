"""Rules of schedules: asked of the schedule itself, its findings put where they stand in the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from rota.configuration.declared import TIMEZONE, DeclaredJob
from rota.configuration.document import Findings
from rota.schedule import Schedule, ScheduleError, ScheduleProblem


class _Parsed(msgspec.Struct, frozen=True):
    schedule: Schedule
    warnings: Sequence[ScheduleProblem]


class Schedules:
    """Parses each different schedule of a load once: for checking, and again for building.

    `today` is the date from which clock changes are looked for; None: they are not.
    """

    def __init__(self, today: date | None = None) -> None:
        self._today = today
        self._known: dict[tuple[str, bytes], _Parsed | ScheduleError] = {}

    def parse(self, data: Any, *, timezone: str = "UTC") -> Schedule:
        """Like `Schedule.parse`."""
        return self._parsed(data, timezone).schedule

    def check(self, job: DeclaredJob, timezone: str, findings: Findings) -> None:
        """Add what is wrong with the job's schedule, and what it warns of."""
        data = job.body.get("schedule")
        if not isinstance(data, dict | list):
            return
        try:
            warnings = self._parsed(data, timezone).warnings
        except ScheduleError as error:
            for problem in error.problems:
                if not findings.covers(job.document, _path(job, problem)):
                    _add(job, problem, findings, severity="error")
        else:
            for problem in warnings:
                _add(job, problem, findings, severity="warning")

    def _parsed(self, data: Any, timezone: str) -> _Parsed:
        import msgspec

        question = (timezone, msgspec.json.encode(data))
        answer = self._known.get(question)
        if answer is None:
            answer = self._known[question] = self._read(data, timezone)
        if isinstance(answer, ScheduleError):
            raise answer
        return answer

    def _read(self, data: Any, timezone: str) -> _Parsed | ScheduleError:
        try:
            schedule = Schedule.parse(data, timezone=timezone)
        except ScheduleError as error:
            return error
        return _Parsed(schedule, schedule.warnings(self._today))


def _path(job: DeclaredJob, problem: ScheduleProblem) -> tuple[str | int, ...]:
    return (*job.path, "schedule", *problem.path)


def _add(job: DeclaredJob, problem: ScheduleProblem, findings: Findings, *, severity: Any) -> None:
    findings.add(
        job.document,
        _path(job, problem),
        problem.code,
        problem.message,
        hint=problem.hint,
        severity=severity,
        at_key=not problem.path,
        rests_on=[TIMEZONE],
    )
