"""The program of a worker process: takes attempts from the engine, one at a time, and carries them out.

Started by `worker_process` with its channel to the engine as standard input and the descriptor of its lifeline as
argument. The main thread runs the methods, so that signals interrupt them; a second thread listens to the engine, and
ends this process and everything that it started when the engine is gone.
"""

from __future__ import annotations

import faulthandler
import io
import logging
import os
import signal
import sys
from base64 import b64decode
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Thread, main_thread
from types import FrameType
from typing import Any, NoReturn

from rota.executors import capture, children
from rota.executors.channel import ANSWER, ASKED, BEGAN, CODE, EMITTED, ENDED, KILL, RUN, TRANSACTIONS, Channel
from rota.executors.failure import describe
from rota.executors.invoke import invoke
from rota.executors.lifeline import Lifeline
from rota.executors.program import Program
from rota.executors.scope import Scope, enter_process, leave_process
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Answer, Attempt, AttemptId, TransactionSource
from rota.model.errors import JobCancelled
from rota.model.outcome import End, Outcome
from rota.model.values import Json
from rota.runtime.pinned_code import pin

_SIGNALS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE, signal.SIGALRM, signal.SIGCHLD)
"""The signals, besides those that stop a method, that methods use for themselves."""


class Worker:
    """One worker process: `listen` is its second thread, `serve` its first."""

    def __init__(self, channel: Channel, lifeline: Lifeline) -> None:
        self._channel = channel
        self._lifeline = lifeline
        self._folder = Path.cwd()
        self._transactions = LazyTransactions()
        self._accepted: SimpleQueue[Scope] = SimpleQueue()
        self._scope: Scope | None = None
        """The attempt that was taken and has not ended."""
        self._program: Program | None = None
        """Its command, if it has one."""
        self._questions: dict[int, Answer] = {}
        """Where the answers to open questions go, by the number of the question."""
        self._numbers = count(1)
        self._handlers: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in _SIGNALS}
        self._handlers |= {signal.SIGTERM: self.on_sigterm, signal.SIGINT: _ignore}
        lifeline.guard(os.getpgrp())

    def listen(self) -> None:
        """Do what the engine says, until it is gone."""
        # Signals are for the main thread: one that came to this one would not wake it up.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
        try:
            for kind, *facts in self._channel.receive():
                if kind == TRANSACTIONS:
                    self._transactions.source = TransactionSource(*facts)
                elif kind == CODE:
                    pin({file: b64decode(source) for file, source in facts[0].items()})
                elif kind == RUN:
                    self._accept(Attempt.from_data(facts[0]))
                elif kind == ANSWER:
                    number, answer = facts
                    self._questions.pop(number)(answer)
                else:
                    self._stop(AttemptId(*facts), by_force=kind == KILL)
        finally:
            if (program := self._program) is not None:
                program.stop(signal.SIGKILL)
            os.killpg(os.getpgrp(), signal.SIGKILL)

    def serve(self) -> NoReturn:
        """Carry out what was accepted."""
        while True:
            self._tidy_up()
            scope = self._accepted.get()
            program = self._program
            outcome = self._run_method(scope) if program is None else self._run_program(program)
            scope.finish()
            self._scope = self._program = None
            self._channel.send(ENDED, outcome, not children.any_left())

    def _tidy_up(self) -> None:
        """What one method leaves behind must not change how the next one runs."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        with suppress(OSError):
            os.chdir(self._folder)

    def on_sigterm(self, _number: int, _frame: FrameType | None) -> None:
        """Stop the method: as Ctrl-C raises `KeyboardInterrupt` in the main thread, this raises `JobCancelled`."""
        scope = self._scope
        if scope is None or not scope.armed:
            return
        scope.cancel()
        if scope.on_cancel is None:
            scope.interrupt()

    def become_child(self) -> None:
        """In a process that a method forked: nothing here speaks for the worker any more."""
        leave_process()
        self._channel.abandon()
        self._scope = self._program = None
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _accept(self, attempt: Attempt) -> None:
        scope = Scope(attempt, partial(self._channel.send, EMITTED), self._transactions, self._ask)
        if attempt.command is not None:
            self._program = program = Program(attempt.command, scope, self._lifeline)
            scope.on_cancel = partial(program.stop, signal.SIGTERM)
        self._scope = scope
        self._accepted.put(scope)

    def _ask(self, question: Mapping[str, Json], answer: Answer) -> None:
        number = next(self._numbers)
        self._questions[number] = answer
        self._channel.send(ASKED, number, question)

    def _stop(self, attempt: AttemptId, *, by_force: bool) -> None:
        scope, program = self._scope, self._program  # the main thread drops both when the attempt ends
        if scope is None or scope.attempt.id != attempt:
            return
        if program is None:
            scope.cancelled = True  # for a method that has not begun
            signal.pthread_kill(main_thread().ident or 0, signal.SIGTERM)
        elif by_force:
            program.stop(signal.SIGKILL)
        else:
            scope.cancel()

    def _run_program(self, program: Program) -> Outcome:
        return program.run(partial(self._channel.send, BEGAN))

    def _run_method(self, scope: Scope) -> Outcome:
        self._channel.send(BEGAN, os.getpid())
        capture.ensure()
        enter_process(scope)
        try:
            outcome = invoke(scope)
        except JobCancelled as error:  # while the end of the method was being described
            scope.armed = False
            outcome = Outcome(end=End.STOPPED, error=describe(error))
        leave_process()
        _flush()
        return outcome


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """For SIGINT. Not SIG_IGN, which the programs that a method starts would inherit."""


def _flush() -> None:
    """What the method left in the buffers of Python's original streams and of C code."""
    import ctypes

    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            stream.flush()
    ctypes.CDLL(None).fflush(None)


def _take_channel() -> Channel:
    """The channel comes as standard input; the methods get an empty one."""
    descriptor = os.dup(0)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    return Channel(descriptor)


def _prepare_process() -> None:
    """Streams, logging and signals as methods find them."""
    faulthandler.enable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    capture.install()
    logging.root.setLevel(logging.INFO)
    signal.signal(signal.SIGINT, _ignore)
    children.adopt_orphans()


def main() -> None:
    """Never returns: a worker ends when it is killed or its engine is gone."""
    channel = _take_channel()
    _prepare_process()
    worker = Worker(channel, Lifeline(int(sys.argv[1])))
    signal.signal(signal.SIGTERM, worker.on_sigterm)
    os.register_at_fork(after_in_child=worker.become_child)
    Thread(target=worker.listen, name="rota-listen", daemon=True).start()
    worker.serve()


if __name__ == "__main__":
    main()
