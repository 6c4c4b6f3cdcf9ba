"""Threads in the engine's own process: the cheapest place to run, for methods that wait for others (I/O).

What stops a thread: `current_job.cancelled` for the willing, then `JobCancelled` raised in it. A thread that is stuck
in C code feels neither: it is reported as unstoppable and left behind, with a new thread in its place. Folders of an
attempt's path stay on the import path of the process, and all methods share one working folder. What a method's own
threads and child processes write is not captured here: it goes where the engine's output goes.
"""

from __future__ import annotations

import os
from contextvars import Context
from threading import Condition, Thread, Timer, current_thread

from rota.executors import capture
from rota.executors.base import Now
from rota.executors.failure import describe
from rota.executors.inbox import Inbox
from rota.executors.invoke import invoke, preload
from rota.executors.raising import raise_in
from rota.executors.reporter import Reporter
from rota.executors.scope import Scope, enter_context
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Attempt, AttemptId, Reports, TransactionSource
from rota.model.errors import JobCancelled
from rota.model.outcome import End, ErrorInfo, Outcome

DEFAULT_THREADS = 128
"""Short methods are claimed and ended in batches, and a batch is at most what runs at once: see docs/benchmarks.md."""
PATIENCE = 2.0
"""Seconds that a method has to end after `JobCancelled` was raised in its thread."""

UNSTOPPABLE = Outcome(
    end=End.STOPPED,
    error=ErrorInfo(
        type="Unstoppable",
        message="the method does not react to being stopped; it is left behind and goes on until it ends by itself",
    ),
)


class ThreadExecutor:
    """Threads are started as attempts come, and kept."""

    def __init__(
        self, slots: int, now: Now, *, patience: float = PATIENCE, transactions: TransactionSource | None = None
    ) -> None:
        self.slots = slots
        self._now = now
        self._patience = patience
        self._transactions = LazyTransactions(transactions)
        self._inbox: Inbox[_Task | None] = Inbox()
        self._tasks: dict[AttemptId, _Task] = {}
        self._threads: set[Thread] = set()
        self._paused: set[AttemptId] = set()
        """The attempts that wait for others: their threads do not count."""
        self._surplus = 0
        """How many threads were told to go because the slot that they had is taken again."""
        self._changed = Condition()
        self._closed = False
        capture.install()

    def start(self, attempt: Attempt, reports: Reports) -> None:
        task = _Task(Reporter(attempt, reports, self._now), self._transactions)
        with self._changed:
            if self._closed:
                raise RuntimeError("this executor is closed")
            self._tasks[task.reporter.id] = task
            self._fit_threads()
        self._inbox.put(task)

    def cancel(self, attempt: AttemptId) -> None:
        task = self._tasks.get(attempt)
        if task is not None and not task.scope.cancelled:
            task.scope.cancel()

    def kill(self, attempt: AttemptId) -> None:
        task = self._tasks.get(attempt)
        if task is not None and task.interrupt():
            task.timer = Timer(self._patience, self._leave_behind, [task])
            task.timer.daemon = True
            task.timer.start()

    def pause(self, attempt: AttemptId) -> None:
        with self._changed:
            self._paused.add(attempt)  # first: an attempt that ends now either sees it, or is seen to be gone
            if attempt not in self._tasks:
                self._paused.discard(attempt)
            self._fit_threads()

    def resume(self, attempt: AttemptId) -> None:
        with self._changed:
            self._paused.discard(attempt)
            self._fit_threads()

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            tasks = dict(self._tasks)
        for task in tasks.values():  # all first, so that none begins in the place of one that ends
            task.scope.cancel()
        for attempt in tasks:
            self.kill(attempt)
        with self._changed:
            # Each ends by itself or is left behind; the limit is for a listener that never takes its reports.
            self._changed.wait_for(lambda: not self._tasks, timeout=5 * self._patience)
            threads = list(self._threads)
        for _ in threads:
            self._inbox.put(None)
        for thread in threads:
            thread.join(self._patience)
        self._transactions.close()
        capture.uninstall()

    def _fit_threads(self) -> None:
        """A thread for each attempt, up to one for each slot."""
        working = len(self._threads) - self._surplus - len(self._paused)
        if working < min(self.slots, len(self._tasks) - len(self._paused)) and not self._closed:
            self._add_thread()
        elif working > self.slots:
            self._surplus += 1
            self._inbox.put(None)

    def _add_thread(self) -> None:
        thread = Thread(target=self._work, name="rota-thread-executor", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _work(self) -> None:
        while (task := self._inbox.take()) is not None:
            # An empty context each time: what one method leaves in context variables is not seen by the next.
            outcome = Context().run(task.run)
            if not self._end(task, outcome):
                return  # left behind: another thread has taken this one's place
        with self._changed:
            self._surplus -= 1
            self._threads.discard(current_thread())

    def _end(self, task: _Task, outcome: Outcome) -> bool:
        is_first = task.reporter.ended(outcome)
        if is_first:
            if task.timer is not None:
                task.timer.cancel()
            del self._tasks[task.reporter.id]
            if self._paused or self._surplus:
                with self._changed:
                    self._paused.discard(task.reporter.id)
                    self._fit_threads()
            if self._closed:  # set before `close` looks at the tasks: so either it sees this one gone, or it is told
                with self._changed:
                    self._changed.notify_all()
        return is_first

    def _leave_behind(self, task: _Task) -> None:
        thread = task.thread
        task.scope.finish()
        if thread is not None and self._end(task, UNSTOPPABLE):
            with self._changed:
                self._threads.discard(thread)
                self._add_thread()


class _Task:
    """One attempt in this executor."""

    __slots__ = ("_interrupted", "reporter", "scope", "thread", "timer")

    def __init__(self, reporter: Reporter, transactions: LazyTransactions) -> None:
        self.reporter = reporter
        self.scope = Scope(reporter.attempt, reporter.emitted, transactions, reporter.asked)
        self.thread: Thread | None = None
        """The thread, while an exception may be raised in it."""
        self.timer: Timer | None = None
        self._interrupted = False

    def run(self) -> Outcome:
        self.reporter.began(os.getpid())
        enter_context(self.scope)
        capture.ensure()
        preload(self.scope.attempt)
        self.thread = current_thread()
        try:
            outcome = invoke(self.scope)
            self._settle()
        except JobCancelled as error:  # between the method's end and here; it is raised only once
            self._settle()
            outcome = Outcome(end=End.STOPPED, error=describe(error))
        return outcome

    def interrupt(self) -> bool:
        """Raise `JobCancelled` in the thread, once; whether that was done now."""
        self.scope.cancel()
        with self.scope.lock:  # so that it does not hit a report half way
            if self.thread is None or self._interrupted:
                return False
            self._interrupted = True
            raise_in(self.thread, JobCancelled)
            return True

    def _settle(self) -> None:
        """From here on nothing is emitted, and no exception is raised in the thread."""
        with self.scope.lock:
            self.scope.finish()
            if self._interrupted and self.thread is not None:
                raise_in(self.thread, None)
            self.thread = None
