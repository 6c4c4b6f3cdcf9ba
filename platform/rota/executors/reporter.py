"""The reports of one attempt: stamped, ended exactly once, and never raising into the executor that reports."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from rota.executors.base import Now
from rota.model.attempt import Answer, Attempt, AttemptId, Reports
from rota.model.outcome import Outcome
from rota.model.values import Json


class Reporter:
    """Made by an executor for each attempt that it is given."""

    __slots__ = ("_ended", "_lock", "_now", "_reports", "attempt", "id")

    def __init__(self, attempt: Attempt, reports: Reports, now: Now) -> None:
        self.attempt = attempt
        self.id = attempt.id
        self._reports = reports
        self._now = now
        self._lock = Lock()
        self._ended = False

    def began(self, process: int | None) -> None:
        _deliver(self._reports.began, self.id, self._now(), process)

    def emitted(self, stream: str, data: Json) -> None:
        _deliver(self._reports.emitted, self.id, stream, self._now(), data)

    def asked(self, question: Mapping[str, Json], answer: Answer) -> None:
        _deliver(self._reports.asked, self.id, question, answer)

    def ended(self, outcome: Outcome) -> bool:
        """Report the end, unless somebody did; whether this was the one."""
        with self._lock:
            if self._ended:
                return False
            self._ended = True
        _deliver(self._reports.ended, self.id, self._now(), outcome)
        return True


def _deliver(report: Callable[..., None], attempt: AttemptId, *facts: Any) -> None:
    try:
        report(attempt, *facts)
    except Exception:
        # The listener's fault must not take the executor, and so all other attempts, with it.
        logging.getLogger("rota.executors").exception("a report of attempt %s was not taken", attempt)
