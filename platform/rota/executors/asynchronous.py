"""`async def` methods on one event loop in a thread of the engine, for those that wait for many others at once (I/O).

What stops one is the cancellation of its task. The loop belongs to all of them: a method that keeps it for itself is
reported while it does. Ended by force, such a method gets `JobCancelled` raised; where it is stuck in C code even that
does nothing. Then it is left behind with its loop, what else ran there ends as died, and a new loop goes on.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Mapping
from functools import partial
from threading import Condition, Event, Timer
from typing import TYPE_CHECKING

from rota.executors import capture
from rota.executors.base import Now
from rota.executors.failure import describe
from rota.executors.invoke import invoke_asynchronously
from rota.executors.reporter import Reporter
from rota.executors.scope import Scope, enter_context
from rota.executors.thread import PATIENCE, UNSTOPPABLE
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Answer, Attempt, AttemptId, Reports, TransactionSource
from rota.model.errors import JobCancelled
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.record import Stream
from rota.model.values import Json

if TYPE_CHECKING:
    from rota.executors.event_loop import EventLoop

DEFAULT_TASKS = 256

_LOOP_LOST = ErrorInfo(
    type="LoopLost",
    message="the event loop that it shared was lost: another method blocked it and could not be stopped",
)
_STOPPED = ErrorInfo(type="Killed", message="the attempt was stopped together with its event loop")


class AsyncExecutor:
    """Starts its loop with the first attempt."""

    def __init__(
        self, slots: int, now: Now, *, patience: float = PATIENCE, transactions: TransactionSource | None = None
    ) -> None:
        self.slots = slots
        self._now = now
        self._patience = patience
        self._transactions = LazyTransactions(transactions, shares_loop=True)
        self._tasks: dict[AttemptId, _Task] = {}
        self._waiting: deque[_Task] = deque()
        self._running = 0
        self._paused: set[AttemptId] = set()
        """Those that wait for others, and are not counted."""
        self._loop: EventLoop | None = None
        self._changed = Condition()
        self._closed = False
        capture.install()

    def start(self, attempt: Attempt, reports: Reports) -> None:
        task = _Task(Reporter(attempt, reports, self._now), self._transactions)
        with self._changed:
            if self._closed:
                raise RuntimeError("this executor is closed")
            self._tasks[attempt.id] = task
            self._waiting.append(task)
            self._begin_waiting()

    def cancel(self, attempt: AttemptId) -> None:
        task = self._tasks.get(attempt)
        if task is not None and not task.scope.cancelled:
            task.scope.cancel()

    def kill(self, attempt: AttemptId) -> None:
        task = self._tasks.get(attempt)
        if task is None:
            return
        task.scope.cancel()
        if task.loop is not None and task.answered is None:
            task.answered = task.loop.ask()
            self._look_later(task)

    def pause(self, attempt: AttemptId) -> None:
        with self._changed:
            if attempt in self._tasks and attempt not in self._paused:
                self._paused.add(attempt)
                self._running -= 1
                self._begin_waiting()

    def resume(self, attempt: AttemptId) -> None:
        with self._changed:
            if attempt in self._paused:
                self._paused.discard(attempt)
                self._running += 1

    def close(self) -> None:
        with self._changed:
            if self._closed:
                return
            self._closed = True
            attempts = list(self._tasks)
            for task in self._waiting:  # so that none begins in the place of one that ends
                task.scope.cancel()
        for attempt in attempts:
            self.kill(attempt)
        with self._changed:
            # Each ends by itself or is left behind; the limit is for a listener that never takes its reports.
            self._changed.wait_for(lambda: not self._tasks, timeout=5 * self._patience)
        if self._loop is not None:
            self._loop.close(self._patience)
        self._transactions.close()
        capture.uninstall()

    def _begin_waiting(self) -> None:
        """Begin what there are slots for. Under the lock."""
        while self._waiting and self._running < self.slots:
            task = self._waiting.popleft()
            self._running += 1
            if self._loop is None:
                self._loop = self._make_loop()
            task.loop = self._loop
            task.loop.spawn(task.scope, partial(self._carry_out, task))

    def _make_loop(self) -> EventLoop:
        from rota.executors.event_loop import EventLoop  # asyncio is loaded by those who need it

        return EventLoop(_tell_blocked, self._end_all_on)

    async def _carry_out(self, task: _Task) -> None:
        outcome = await task.run()
        self._end(task, outcome)
        if task.loop is not None:
            task.loop.let_go(task.scope)

    def _end(self, task: _Task, outcome: Outcome) -> None:
        if not task.reporter.ended(outcome):
            return
        if task.timer is not None:
            task.timer.cancel()
        with self._changed:
            del self._tasks[task.reporter.attempt.id]
            if task.reporter.attempt.id in self._paused:
                self._paused.discard(task.reporter.attempt.id)
            else:
                self._running -= 1
            self._begin_waiting()
            self._changed.notify_all()

    def _look_later(self, task: _Task) -> None:
        """See after a while what has become of a task that is to be ended by force."""
        task.timer = Timer(self._patience, self._force, [task])
        task.timer.daemon = True
        task.timer.start()

    def _force(self, task: _Task) -> None:
        loop = task.loop
        if loop is None or task.reporter.attempt.id not in self._tasks:
            return
        blocks = task.answered is not None and not task.answered.is_set() and loop.blocker() is task.scope
        if blocks and not task.is_interrupted:
            task.is_interrupted = True
            loop.interrupt()
            self._look_later(task)
            return
        task.scope.finish()
        self._end(task, UNSTOPPABLE)
        if blocks:
            loop.abandon()
            self._end_all_on(loop)

    def _end_all_on(self, loop: EventLoop) -> None:
        """The loop is lost, and everything that ran on it."""
        with self._changed:
            lost = [task for task in self._tasks.values() if task.loop is loop]
            if self._loop is loop:
                self._loop = None
        for task in lost:
            task.scope.finish()
            stopped = task.scope.cancelled
            end, error = (End.STOPPED, _STOPPED) if stopped else (End.DIED, _LOOP_LOST)
            self._end(task, Outcome(end=end, error=error))


class _Task:
    """One attempt in this executor."""

    __slots__ = ("answered", "is_interrupted", "loop", "reporter", "scope", "timer")

    def __init__(self, reporter: Reporter, transactions: LazyTransactions) -> None:
        self.reporter = reporter
        self.scope = Scope(reporter.attempt, reporter.emitted, transactions, self._ask)
        self.loop: EventLoop | None = None
        """Where it runs; None while it waits for a slot."""
        self.answered: Event | None = None
        """Set by its loop after it was to be ended by force: unless it is, something blocks the loop."""
        self.is_interrupted = False
        self.timer: Timer | None = None

    def _ask(self, question: Mapping[str, Json], answer: Answer) -> None:
        if asyncio_runs_here():
            raise RuntimeError("this would keep the event loop: await asyncio.to_thread(current_job.wait, ...) instead")
        self.reporter.asked(question, answer)

    async def run(self) -> Outcome:
        self.reporter.began(os.getpid())
        enter_context(self.scope)
        capture.ensure()
        try:
            outcome = await invoke_asynchronously(self.scope)
        except JobCancelled as error:  # it was to end a method that blocks the loop, and came in the instant after
            outcome = Outcome(end=End.STOPPED, error=describe(error))
        self.scope.finish()
        return outcome


def _tell_blocked(scope: Scope | None, stack: str) -> None:
    """Say so in the log of the job that does it; where that is unknown, in the engine's."""
    text = f"the event loop is blocked, and with it every job on it; await what takes time, or use a thread\n{stack}"
    if scope is None:
        logging.getLogger("rota.executors").warning(text)
    else:
        scope.emit(Stream.LOG, {"level": "WARNING", "logger": "rota.executors", "message": text})


def asyncio_runs_here() -> bool:
    """Whether this thread is running an event loop."""
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
