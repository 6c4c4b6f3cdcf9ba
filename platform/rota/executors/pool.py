"""A pool of warm worker processes: what the process and the command executor are.

One thread owns everything: it starts workers as they are needed, gives them attempts, reads what they report and
notices when they die. The methods that other threads call only leave an order for it.
"""

from __future__ import annotations

import selectors
import signal
import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import Any

from msgspec import structs

from rota.executors.base import Now
from rota.executors.channel import ANSWER, ASKED, BEGAN, CANCEL, CODE, EMITTED, ENDED, KILL, RUN, TRANSACTIONS, pack
from rota.executors.failure import describe_exit
from rota.executors.run import Run
from rota.executors.worker_process import WorkerProcess
from rota.model.attempt import Attempt, AttemptId, Reports, TransactionSource
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.values import Json
from rota.runtime.pinned_code import Sources, pinned

_MOMENT = 0.01
"""Seconds between looks at a worker that is about to be gone."""
_LOOK_ROUND = 1.0
"""Seconds between looks at busy workers: a process that a method left behind may hold a dead worker's channel open."""
_LEAVE = 5.0
"""Seconds that a worker has to end itself and its command when the pool closes."""


class WorkerPool:
    """An executor of methods and of commands alike."""

    def __init__(self, slots: int, now: Now, *, transactions: TransactionSource | None = None) -> None:
        self.slots = slots
        self._transactions = transactions
        self._code: Sources | None = pinned()
        """What the workers have that are not retired."""
        self._now = now
        self._runs: dict[AttemptId, Run] = {}
        self._waiting: deque[Run] = deque()
        self._workers: list[WorkerProcess] = []
        self._idle: list[WorkerProcess] = []
        self._leaving: list[WorkerProcess] = []
        self._orders: deque[Callable[[], None]] = deque()
        self._lock = Lock()
        self._is_closed = False
        self._woken, self._waker = socket.socketpair()
        self._waker.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._woken, selectors.EVENT_READ, lambda _events: self._woken.recv(4096))
        self._thread = Thread(target=self._serve, name="rota-worker-pool", daemon=True)
        self._thread.start()

    def start(self, attempt: Attempt, reports: Reports) -> None:
        run = Run(attempt, reports, self._now)
        with self._lock:
            if self._is_closed:
                raise RuntimeError("this executor is closed")
            self._order(partial(self._accept, run))

    def cancel(self, attempt: AttemptId) -> None:
        self._order(partial(self._stop, attempt, by_force=False))

    def kill(self, attempt: AttemptId) -> None:
        self._order(partial(self._stop, attempt, by_force=True))

    def pause(self, attempt: AttemptId) -> None:
        self._order(partial(self._set_paused, attempt, is_paused=True))

    def resume(self, attempt: AttemptId) -> None:
        self._order(partial(self._set_paused, attempt, is_paused=False))

    def close(self) -> None:
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._order(self._dismiss)
        self._thread.join(_LEAVE)
        if self._thread.is_alive():
            self._order(self._kill_workers)
            self._thread.join(_LEAVE)

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        with suppress(OSError):  # it has been woken often enough, or it is closed
            self._waker.send(b"\0")

    # What follows runs in the pool's thread.

    def _serve(self) -> None:
        while not self._is_closed or self._orders or self._workers:
            events = self._selector.select(self._patience())
            for key, mask in events:
                key.data(mask)
            while self._orders:
                self._orders.popleft()()
            if not events:
                self._look_round()
            for worker in [each for each in self._leaving if each.returncode is not None]:
                self._bury(worker)
            self._dispatch()
        self._selector.close()
        self._woken.close()
        self._waker.close()

    def _patience(self) -> float | None:
        if self._leaving:
            return _MOMENT
        return _LOOK_ROUND if self._runs else None

    # Orders

    def _accept(self, run: Run) -> None:
        self._runs[run.attempt.id] = run
        self._waiting.append(run)

    def _stop(self, attempt: AttemptId, *, by_force: bool) -> None:
        run = self._runs.get(attempt)
        if run is None:
            return
        was_asked, run.is_stopping = run.is_stopping, True
        worker = next((each for each in self._workers if each.run is run), None)
        if worker is None:
            self._waiting.remove(run)
            self._end(run, _stopped("it had not begun"))
        elif not by_force:
            if not was_asked:
                worker.send(pack(CANCEL, *attempt))
        elif run.attempt.command is not None:
            worker.send(pack(KILL, *attempt))
        else:
            worker.is_retired = True
            worker.kill()

    def _set_paused(self, attempt: AttemptId, *, is_paused: bool) -> None:
        """A paused attempt keeps its worker and lends its slot; the worker that had the slot goes when it ends."""
        if (run := self._runs.get(attempt)) is not None:
            run.is_paused = is_paused
            self._dismiss_surplus()

    def _dismiss_surplus(self) -> None:
        while self._idle and len(self._workers) - len(self._leaving) > self._room():
            worker = self._idle.pop(0)
            worker.is_retired = True
            worker.kill()
            self._leaving.append(worker)

    def _room(self) -> int:
        """How many workers there may be: one for each slot, and those whose attempts lend theirs."""
        return self.slots + sum(1 for run in self._runs.values() if run.is_paused)

    def _retire_workers(self) -> None:
        """Idle ones go now, busy ones when done; later attempts get new ones, which import everything anew."""
        for worker in self._workers:
            worker.is_retired = True
        for worker in self._idle:
            worker.kill()
            self._leaving.append(worker)
        self._idle.clear()

    def _dismiss(self) -> None:
        """End everything. A worker with a command is left the time to take the command with it."""
        for run in list(self._waiting):
            self._stop(run.attempt.id, by_force=True)
        self._retire_workers()
        for worker in self._workers:
            if worker.run is not None:
                worker.run.is_stopping = True
                if worker.run.attempt.command is None:
                    worker.kill()
                else:
                    worker.hang_up()

    def _kill_workers(self) -> None:
        for worker in self._workers:
            worker.kill()

    # Attempts and workers

    def _dispatch(self) -> None:
        if self._waiting and (code := pinned()) is not self._code:
            self._code = code
            self._retire_workers()
        while self._waiting and (self._idle or len(self._workers) < self._room()):
            run = self._waiting.popleft()
            try:
                message = pack(RUN, run.attempt.to_data())
                worker = self._idle.pop() if self._idle else self._add_worker()
            except OSError as error:
                self._end(run, _died(f"no worker process could be started: {error}"))
            except (OverflowError, TypeError, ValueError) as error:
                self._end(run, _unsendable(error))
            else:
                worker.run = run
                worker.send(message)

    def _add_worker(self) -> WorkerProcess:
        worker = WorkerProcess(self._selector, self._take, self._lose)
        if self._transactions is not None:
            worker.send(pack(TRANSACTIONS, *self._transactions))
        if self._code:
            worker.send(pack(CODE, self._code))
        self._workers.append(worker)
        return worker

    def _take(self, worker: WorkerProcess, kind: str, *facts: Any) -> None:
        """A message from a worker."""
        run = worker.run
        if run is None:
            return
        if kind == EMITTED:
            run.reporter.emitted(*facts)
        elif kind == ASKED:
            number, question = facts
            run.reporter.asked(question, lambda answer: self._order(partial(self._answer, run, number, answer)))
        elif kind == BEGAN:
            run.has_begun = True
            if run.attempt.command is not None:
                run.command_group = facts[0]
            run.reporter.began(facts[0])
        elif kind == ENDED:
            outcome, is_reusable = _to_outcome(facts[0]), facts[1]
            worker.drain()
            worker.is_retired = worker.is_retired or not is_reusable
            self._release(worker)
            self._end(run, outcome)
        else:
            raise ValueError(f"a worker has no message {kind!r}")

    def _answer(self, run: Run, number: int, answer: Json) -> None:
        for worker in self._workers:
            if worker.run is run:
                worker.send(pack(ANSWER, number, answer))

    def _release(self, worker: WorkerProcess) -> None:
        worker.run = None
        worker.is_proven = True
        if worker.is_retired:
            worker.kill()
            self._leaving.append(worker)
        else:
            self._idle.append(worker)

    def _lose(self, worker: WorkerProcess) -> None:
        """A worker is dead or as good as: it must not live on unseen."""
        worker.is_retired = True
        worker.kill()
        if worker in self._idle:
            self._idle.remove(worker)
        if worker not in self._leaving:
            self._leaving.append(worker)

    def _look_round(self) -> None:
        for worker in self._workers:
            if worker.run is not None and worker.returncode is not None:
                self._lose(worker)

    def _bury(self, worker: WorkerProcess) -> None:
        worker.drain()
        worker.close()
        self._workers.remove(worker)
        self._leaving.remove(worker)
        if (run := worker.run) is None:
            return
        how = describe_exit(worker.returncode or 0)
        if run.is_stopping:
            self._end(run, _stopped(f"its worker process was killed ({how})"))
        elif worker.is_proven and not run.has_begun:
            # It was killed while idle, just as it was given this: another worker may have it.
            self._waiting.appendleft(run)
        else:
            hint = "; the system kills so when memory runs out" if worker.returncode == -signal.SIGKILL else ""
            self._end(run, _died(f"the worker process died: {how}{hint}"))

    def _end(self, run: Run, outcome: Outcome) -> None:
        del self._runs[run.attempt.id]
        self._dismiss_surplus()
        if outcome.end is End.STOPPED and not run.is_stopping:
            # A signal that came from elsewhere: nobody here wanted it, so the attempt went wrong.
            outcome = structs.replace(outcome, end=End.RAISED)
        run.reporter.ended(outcome)


def _to_outcome(data: dict[str, Any]) -> Outcome:
    error = data["error"]
    return Outcome(end=End(data["end"]), result=data["result"], error=ErrorInfo(**error) if error else None)


def _stopped(how: str) -> Outcome:
    return Outcome(end=End.STOPPED, error=ErrorInfo(type="Killed", message=f"the attempt was stopped: {how}"))


def _died(message: str) -> Outcome:
    return Outcome(end=End.DIED, error=ErrorInfo(type="WorkerDied", message=message))


def _unsendable(error: Exception) -> Outcome:
    message = f"the parameters cannot be sent to a worker: {error}"
    return Outcome(end=End.RAISED, error=ErrorInfo(type="BadParameters", message=message, permanent=True))
