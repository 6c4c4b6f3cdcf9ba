"""An executor that fails every attempt: the smallest whole executor, to read first and to test failure with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from rota.executors.base import Now
from rota.executors.reporter import Reporter
from rota.model.attempt import Attempt, AttemptId, Reports
from rota.model.outcome import End, ErrorInfo, Outcome

_FAILED = Outcome(
    end=End.RAISED,
    error=ErrorInfo(type="FailingExecutor", message="this executor fails every attempt"),
)


class FailingExecutor:
    """Reports come from a thread of its own, as with every executor."""

    def __init__(self, slots: int, now: Now) -> None:
        self.slots = slots
        self._now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rota-failing-executor")

    def start(self, attempt: Attempt, reports: Reports) -> None:
        self._thread.submit(Reporter(attempt, reports, self._now).ended, _FAILED)

    def cancel(self, attempt: AttemptId) -> None:
        """Nothing runs long enough to be cancelled."""

    def kill(self, attempt: AttemptId) -> None:
        """Nothing runs long enough to be killed."""

    def pause(self, attempt: AttemptId) -> None:
        """Nothing runs that could wait."""

    def resume(self, attempt: AttemptId) -> None:
        """Nothing was paused."""

    def close(self) -> None:
        self._thread.shutdown()
