"""Carry out a command in a worker: start it, pass on what it writes, and see to it that it is gone in the end.

The command leads a session and process group of its own. When it has ended, whatever it left running in that group is
killed: a job that is over has no processes.
"""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread

from rota.executors.failure import describe_exit
from rota.executors.lifeline import Lifeline
from rota.executors.scope import Scope
from rota.executors.text_pipe import TextPipe
from rota.model.command import Command
from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.record import Stream
from rota.runtime.processes import PIPE, Process, start_process

_TAIL = 2_000
"""Characters of stderr that are kept for the error's message."""


class Program:
    """One command. `run` belongs to the worker's main thread, `stop` may come from any other."""

    def __init__(self, command: Command, scope: Scope, lifeline: Lifeline) -> None:
        self._command = command
        self._scope = scope
        self._lifeline = lifeline
        self._process: Process | None = None
        self._lock = Lock()
        self._stopped_by: signal.Signals | None = None
        self._tail = ""

    def run(self, began: Callable[[int], None]) -> Outcome:
        """Start the command, tell its process id, and wait for its end."""
        try:
            process = self._start()
        except (OSError, ValueError) as error:
            return _raised(self._why_not(error))
        if process is None:
            return self._stopped("before it began")
        began(process.pid)
        try:
            self._pass_on_output(process)
        finally:
            self._lifeline.guard(os.getpgrp())
        return self._outcome(process.returncode)

    def stop(self, number: signal.Signals) -> None:
        """Send a signal to the command's whole group; a command that has not been started never will be."""
        with self._lock:
            process = self._process
            if process is None or process.returncode is None:
                self._stopped_by = number
                if process is not None:
                    _signal_group(process, number)

    def _start(self) -> Process | None:
        """Under the lock, so that whoever wants to stop the command finds either none or all of it."""
        with self._lock:
            if self._stopped_by is not None:
                return None
            # Until the group exists only the listening thread could end it, and that waits for the lock.
            self._lifeline.guard(None)
            try:
                self._process = start_process(
                    self._command.argv,
                    directory=self._command.working_directory,
                    environment=self._environment(),
                    stdout=PIPE,
                    stderr=PIPE,
                    pass_fds=(self._lifeline.descriptor,),
                )
            except BaseException:
                self._lifeline.guard(os.getpgrp())
                raise
            self._lifeline.guard(self._process.pid)
            return self._process

    def _environment(self) -> dict[str, str]:
        attempt = self._scope.attempt
        facts = {"ROTA_JOB_ID": attempt.job, "ROTA_ATTEMPT": str(attempt.number), "ROTA_KEY": attempt.key}
        return {**self._command.environment, **{name: fact for name, fact in facts.items() if fact is not None}}

    def _why_not(self, error: OSError | ValueError) -> str:
        """In one line why the command could not be started."""
        argv, folder = self._command.argv, self._command.working_directory
        what = argv[0] if argv else "an empty command"
        if not isinstance(error, OSError) or not error.strerror:
            return f"cannot run {what}: {error}"
        where = f" in {folder}" if folder is not None and error.filename == folder else ""
        return f"cannot run {what}{where}: {error.strerror}"

    def _pass_on_output(self, process: Process) -> None:
        assert process.stdout is not None  # noqa: S101 - both were asked for
        assert process.stderr is not None  # noqa: S101
        ended = _watch(process)
        with process.stdout, process.stderr, selectors.DefaultSelector() as selector, os.fdopen(ended):
            pipes = [
                TextPipe(process.stdout.fileno(), self._take_stdout),
                TextPipe(process.stderr.fileno(), self._take_stderr),
            ]
            for pipe in pipes:
                selector.register(pipe.descriptor, selectors.EVENT_READ, pipe)
            selector.register(ended, selectors.EVENT_READ)
            is_running = True
            while is_running:
                for key, _ in selector.select():
                    if key.data is None:
                        is_running = False
                    elif not key.data.read():
                        selector.unregister(key.fd)
            # Process ids are given out in turn, so the group's number is still nobody else's.
            _signal_group(process, signal.SIGKILL)
            for pipe in pipes:
                pipe.drain()

    def _take_stdout(self, text: str) -> None:
        self._scope.write(Stream.STDOUT, text)

    def _take_stderr(self, text: str) -> None:
        self._tail = (self._tail + text)[-_TAIL:]
        self._scope.write(Stream.STDERR, text)

    def _outcome(self, returncode: int) -> Outcome:
        if self._stopped_by is not None:
            return self._stopped(f"by {self._stopped_by.name}, with {describe_exit(returncode)}")
        if returncode in self._command.ok_exit_codes:
            return Outcome(end=End.RETURNED, result={"exit_code": returncode})
        last = next((line.strip() for line in reversed(self._tail.splitlines()) if line.strip()), "")
        return _raised(describe_exit(returncode) + (f": {last}" if last else ""))

    def _stopped(self, how: str) -> Outcome:
        return Outcome(
            end=End.STOPPED,
            error=ErrorInfo(type="CommandStopped", message=f"the command was stopped {how}"),
        )


def _raised(message: str) -> Outcome:
    return Outcome(end=End.RAISED, error=ErrorInfo(type="CommandFailed", message=message))


def _signal_group(process: Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS: no permission for what is dead already
        os.killpg(process.pid, number)


def _watch(process: Process) -> int:
    """A descriptor that becomes readable when the process has ended; works on every system, as pidfd does not."""
    reader, writer = os.pipe()

    def wait() -> None:
        process.wait()
        os.close(writer)

    Thread(target=wait, name="rota-command-wait", daemon=True).start()
    return reader
