"""Methods that the engine's tests and the chaos tests run: what they do can be seen and steered through files."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from rota import PermanentFailure, current_job
from rota.model.errors import JobCancelled

FOLDER = str(Path(__file__).parent)
"""What a configuration's `path` must name."""


def give(value: object = None) -> object:
    """Return what was given."""
    return value


def fail(message: str = "it went wrong", permanent: bool = False) -> None:
    """Raise."""
    raise PermanentFailure(message) if permanent else ValueError(message)


def fail_at_first(attempts: int) -> int:
    """Fail the first so many attempts."""
    if current_job.attempt <= attempts:
        raise ConnectionError(f"attempt {current_job.attempt} fails")
    return current_job.attempt


def say(count: int, text: str = "word") -> int:
    """Hand out `text` so many times."""
    for _ in range(count):
        current_job.output(text)
    return count


def tell_progress(fraction: float, text: str) -> None:
    current_job.progress(fraction, text)


def hold(folder: str) -> str:
    """Note the beginning, wait for the file `go` in `folder`, or to be cancelled; note the end."""
    note(folder, "begin")
    gate = Path(folder, "go")
    while not gate.exists():
        current_job.check_cancelled()
        time.sleep(0.005)
    note(folder, "end")
    return "held"


def wait_for_child(folder: str, delay: float) -> str:
    """Start a child that holds, `delay` seconds later; wait for it."""
    child = current_job.start("trial_jobs:hold", [folder], delay=delay, executor="thread")
    note(folder, "begin")
    current_job.wait(child)
    return str(child.state)


def ignore_stops(folder: str) -> None:
    """Like `hold`, but does not react to being asked to stop."""
    note(folder, "begin")
    while not Path(folder, "go").exists():
        try:
            time.sleep(0.005)
        except JobCancelled:
            note(folder, "asked")


def die(folder: str, attempts: int = 1_000_000) -> str:
    """Kill the process that runs this, in the first so many attempts."""
    note(folder, "begin")
    if current_job.attempt <= attempts:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def note(folder: str, word: str) -> None:
    """Add a line to the journal in `folder`: one write, so that lines of several processes do not mix."""
    line = f"{current_job.id} {current_job.attempt} {word} {os.getpid()}\n"
    journal = os.open(Path(folder, "journal"), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(journal, line.encode())
    finally:
        os.close(journal)
