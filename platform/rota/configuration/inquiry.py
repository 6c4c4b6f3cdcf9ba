"""Asks the process that imports code (`code_check`), and survives whatever the imported code does to it."""

from __future__ import annotations

import json
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO, Any, NamedTuple

from rota.runtime.processes import DEVNULL, PIPE, Process, TimeoutExpired, python_module, start_process

START_LIMIT = 120.0
"""Seconds that a fresh interpreter may take on a busy machine before it reads its first question."""


class Reply(NamedTuple):
    """The answers that came, in the order of the questions; and what kept the process from giving more."""

    answers: list[dict[str, Any]]
    failure: str | None


def ask(questions: Sequence[dict[str, Any]], path: Sequence[str], *, time_limit: float) -> Reply:
    """Ask one fresh process all `questions`; it has `time_limit` seconds for each.

    The process, and all that it started, is gone when this returns.
    """
    answers: list[dict[str, Any]] = []
    with tempfile.TemporaryFile() as request:
        # A file, because a process that dies or hangs before it has read a pipe would take its writer with it.
        content = {"path": list(path), "questions": list(questions), "time_limit": time_limit}
        request.write(json.dumps(content).encode())
        request.seek(0)
        with _checker(request) as process:
            try:
                for number, line in enumerate(_lines(process, time_limit)):
                    if number > 0:  # the first only says that the process is ready
                        answers.append(json.loads(line))
                    if len(answers) == len(questions):
                        return Reply(answers, None)
                # Its output is closed, but that is not its end yet: imported code may close what is not its own.
                return Reply(answers, f"ended the process ({_ending(process.wait(time_limit))})")
            except (TimeoutError, TimeoutExpired):
                return Reply(answers, f"did not finish within {time_limit:g} s")
            except ValueError:
                return Reply(answers, "wrote into a file that is not its own")


@contextmanager
def _checker(request: IO[bytes]) -> Iterator[Process]:
    argv = python_module("rota.configuration.code_check")
    environment = {"PYTHONDONTWRITEBYTECODE": "1"}  # a check leaves nothing behind beside the code
    with start_process(argv, environment=environment, stdin=request, stdout=PIPE, stderr=DEVNULL) as process:
        try:
            yield process
        finally:
            # Imported code may have started threads that never end, and processes that outlive this one.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _lines(process: Process, time_limit: float) -> Iterator[bytes]:
    """The lines that the process writes, until it closes its output. Raises `TimeoutError` if none comes in time."""
    assert process.stdout is not None  # noqa: S101 - it was started with a pipe
    descriptor, rest = process.stdout.fileno(), b""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN | select.POLLHUP)
    deadline = time.monotonic() + START_LIMIT
    while True:
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError
        chunk = os.read(descriptor, 65_536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            deadline = time.monotonic() + time_limit
            yield line


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}" if -code in set(signal.Signals) else f"signal {-code}"
