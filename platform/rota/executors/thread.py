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
from rota.executors.reporter import Reporter
from rota.executors.scope import Scope, enter_context
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Attempt, AttemptId, Reports, TransactionSource
from rota.model.errors import JobCancelled
from rota.model.outcome import End, ErrorInfo, Outcome

DEFAULT_THREADS = 64
PATIENCE = 2.0
"""Seconds that a method has to end after `JobCancelled` was raised in its thread."""

_UNSTOPPABLE = Outcome(
    end=End.STOPPED,
    error=ErrorInfo(
        type="Unstoppable",
        message="the method does not react to being stopped; its thread goes on until the method ends by itself",
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
        self._changed = Condition()
        self._closed = False
        capture.install()

    def start(self, attempt: Attempt, reports: Reports) -> None:
        task = _Task(Reporter(attempt, reports, self._now), self._transactions)
        with self._changed:
            if self._closed:
                raise RuntimeError("this executor is closed")
            self._tasks[attempt.id] = task
            if len(self._threads) < min(self.slots, len(self._tasks)):
                self._add_thread()
        self._inbox.put(task)

    def cancel(self, attempt: AttemptId) -> None:
        if (task := self._tasks.get(attempt)) is not None:
            task.scope.cancel()

    def kill(self, attempt: AttemptId) -> None:
        task = self._tasks.get(attempt)
        if task is not None and task.interrupt():
            task.timer = Timer(self._patience, self._leave_behind, [task])
            task.timer.daemon = True
            task.timer.start()

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            tasks = list(self._tasks)
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

    def _end(self, task: _Task, outcome: Outcome) -> bool:
        is_first = task.reporter.ended(outcome)
        if is_first:
            if task.timer is not None:
                task.timer.cancel()
            with self._changed:
                del self._tasks[task.reporter.attempt.id]
                self._changed.notify_all()
        return is_first

    def _leave_behind(self, task: _Task) -> None:
        thread = task.thread
        task.scope.finish()
        if thread is not None and self._end(task, _UNSTOPPABLE):
            with self._changed:
                self._threads.discard(thread)
                self._add_thread()


class _Task:
    """One attempt in this executor."""

    __slots__ = ("_interrupted", "reporter", "scope", "thread", "timer")

    def __init__(self, reporter: Reporter, transactions: LazyTransactions) -> None:
        self.reporter = reporter
        self.scope = Scope(reporter.attempt, reporter.emitted, transactions)
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
            _raise_in(self.thread, JobCancelled)
            return True

    def _settle(self) -> None:
        """From here on nothing is emitted, and no exception is raised in the thread."""
        with self.scope.lock:
            self.scope.finish()
            if self._interrupted and self.thread is not None:
                _raise_in(self.thread, None)
            self.thread = None


def _raise_in(thread: Thread, exception: type[BaseException] | None) -> None:
    """Have the thread raise `exception` at its next step in Python; None takes back what it has not raised yet."""
    import ctypes

    argument = ctypes.py_object(exception) if exception is not None else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), argument)
