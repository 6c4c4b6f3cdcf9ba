"""A listener for executors: keeps every report, and lets a test wait for one."""

# ruff: noqa: ARG002 - not every fact of a report is needed

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Condition
from typing import Any, NamedTuple

from rota.model.attempt import Answer, AttemptId
from rota.model.outcome import Outcome
from rota.model.values import Json

TIMEOUT = 30.0
"""Seconds; generous, because the machine may be busy. A test that passes never waits for it."""


def now() -> datetime:
    return datetime.now(UTC)


class Emitted(NamedTuple):
    attempt: AttemptId
    stream: str
    at: datetime
    data: Any


class Recorder:
    """Meets `Reports`."""

    def __init__(self) -> None:
        self.processes: dict[AttemptId, int | None] = {}
        self.emissions: list[Emitted] = []
        self.outcomes: dict[AttemptId, Outcome] = {}
        self.faults: list[str] = []
        """Reports that break the rules of `Reports`."""
        self._changed = Condition()

    def began(self, attempt: AttemptId, at: datetime, process: int | None) -> None:
        with self._changed:
            self._check(attempt, "began", is_fault=attempt in self.processes)
            self.processes[attempt] = process
            self._changed.notify_all()

    def emitted(self, attempt: AttemptId, stream: str, at: datetime, data: Any) -> None:
        with self._changed:
            self._check(attempt, "emitted", is_fault=attempt not in self.processes)
            self.emissions.append(Emitted(attempt, stream, at, data))
            self._changed.notify_all()

    def asked(self, attempt: AttemptId, question: Mapping[str, Json], answer: Answer) -> None:
        with self._changed:
            self._check(attempt, "asked", is_fault=True)

    def ended(self, attempt: AttemptId, at: datetime, outcome: Outcome) -> None:
        with self._changed:
            self._check(attempt, "ended", is_fault=False)
            self.outcomes[attempt] = outcome
            self._changed.notify_all()

    def _check(self, attempt: AttemptId, report: str, *, is_fault: bool) -> None:
        if is_fault or attempt in self.outcomes:
            self.faults.append(f"{attempt} {report}")

    def wait_for_begin(self, attempt: AttemptId) -> int | None:
        """The process that the attempt runs in."""
        self._wait(lambda: attempt in self.processes or attempt in self.outcomes)
        assert attempt in self.processes, self.outcomes
        return self.processes[attempt]

    def wait_for_end(self, *attempts: AttemptId) -> Outcome:
        """The outcome of the last of `attempts`, once all have ended."""
        self._wait(lambda: all(attempt in self.outcomes for attempt in attempts))
        return self.outcomes[attempts[-1]]

    def wait_for_text(self, attempt: AttemptId, text: str, stream: str = "stdout") -> None:
        """Wait until the attempt has written `text`."""
        self._wait(lambda: text in self.text(attempt, stream) or attempt in self.outcomes)
        assert text in self.text(attempt, stream), self.outcomes

    def text(self, attempt: AttemptId, stream: str = "stdout") -> str:
        return "".join(self.data(attempt, stream))

    def data(self, attempt: AttemptId, stream: str) -> list[Any]:
        return [each.data for each in self.emissions if each.attempt == attempt and each.stream == stream]

    def _wait(self, is_reached: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(is_reached, TIMEOUT), f"not within {TIMEOUT} s: {self.outcomes}"
