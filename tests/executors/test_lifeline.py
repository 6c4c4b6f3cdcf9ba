"""The lifeline: what the kernel does when the engine's end of a pipe closes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from rota.runtime.processes import PIPE, Process, start_process

HOLDER = """
import os, sys
from rota.executors.lifeline import Lifeline
lifeline = Lifeline(int(sys.argv[1]))
for group in sys.argv[2].split(","):
    lifeline.guard(int(group) or None)
print("armed", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sleeping() -> Iterator[Process]:
    process = start_process(["sleep", "1000"])
    yield process
    process.kill()
    process.wait()


def hold(groups: str) -> tuple[Process, int]:
    """A process that holds a lifeline, and the engine's end of it."""
    held, ours = os.pipe()
    folder = next(path for path in sys.path if path.endswith("platform"))
    argv = [sys.executable, "-c", HOLDER, str(held), groups]
    process = start_process(argv, environment={"PYTHONPATH": folder}, stdin=PIPE, stdout=PIPE, pass_fds=(held,))
    os.close(held)
    assert process.stdout is not None
    assert process.stdout.readline() == b"armed\n"
    return process, ours


def let_go(process: Process) -> None:
    process.communicate(timeout=30)


if sys.platform == "linux":  # elsewhere the worker's listening thread does this

    def test_the_guarded_group_dies_when_the_other_end_closes(sleeping: Process) -> None:
        holder, ours = hold(str(sleeping.pid))
        os.close(ours)
        assert sleeping.wait(30) == -9
        let_go(holder)

    def test_only_the_group_that_was_named_last_dies(sleeping: Process) -> None:
        other = start_process(["sleep", "1000"])
        holder, ours = hold(f"{sleeping.pid},{other.pid}")
        os.close(ours)
        assert other.wait(30) == -9
        assert sleeping.poll() is None
        let_go(holder)


def test_nobody_dies_while_nobody_is_guarded(sleeping: Process) -> None:
    holder, ours = hold(f"{sleeping.pid},0")
    os.close(ours)
    let_go(holder)
    assert sleeping.poll() is None


def test_nobody_dies_when_the_holder_ends(sleeping: Process) -> None:
    holder, ours = hold(str(sleeping.pid))
    let_go(holder)
    assert sleeping.poll() is None
    os.close(ours)
