"""An executor that runs methods in the thread of the test, so that its patches, fixtures and debugger work in them."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from functools import partial

from rota.executors import capture
from rota.executors.base import Now
from rota.executors.invoke import invoke
from rota.executors.reporter import Reporter
from rota.executors.scope import Scope, enter_context
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Answer, Attempt, AttemptId, Reports, TransactionSource
from rota.model.outcome import Outcome
from rota.model.values import Json


class InlineExecutor:
    """Attempts wait until `run_waiting` is called. None is ever stopped: there is nobody beside it who could."""

    slots = 1_000_000

    def __init__(self, now: Now, transactions: TransactionSource) -> None:
        self._now = now
        self._transactions = LazyTransactions(transactions)
        self._waiting: deque[Reporter] = deque()
        self._closed = False
        self.attend: Callable[[], bool] = lambda: False
        """Does what an engine would do while a method waits for an answer; returns whether it did anything."""
        capture.install()

    def start(self, attempt: Attempt, reports: Reports) -> None:
        self._waiting.append(Reporter(attempt, reports, self._now))

    def run_waiting(self) -> int:
        """Run every attempt that was started to its end, one after the other; returns how many."""
        count = 0
        while self._waiting:
            reporter = self._waiting.popleft()
            # What a method leaves in context variables is not seen by the next one.
            reporter.ended(Context().run(self._run, reporter))
            count += 1
        return count

    def _run(self, reporter: Reporter) -> Outcome:
        reporter.began(os.getpid())
        scope = Scope(reporter.attempt, reporter.emitted, self._transactions, partial(self._ask, reporter))
        enter_context(scope)
        capture.ensure()
        outcome = invoke(scope)
        scope.finish()
        return outcome

    def _ask(self, reporter: Reporter, question: Mapping[str, Json], answer: Answer) -> None:
        """Children run here as well, while the method that waits for them stands still."""
        answered: list[Json] = []
        reporter.asked(question, answered.append)
        while not answered:
            if not self.attend() and not answered:
                raise RuntimeError("a method waits for what does not come before the test moves the clock")
        answer(answered[0])

    def pause(self, attempt: AttemptId) -> None:
        """There is room for all."""

    def resume(self, attempt: AttemptId) -> None:
        """There is room for all."""

    def cancel(self, attempt: AttemptId) -> None:
        """Nothing runs beside the test."""

    def kill(self, attempt: AttemptId) -> None:
        """Nothing runs beside the test."""

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._transactions.close()
            capture.uninstall()
