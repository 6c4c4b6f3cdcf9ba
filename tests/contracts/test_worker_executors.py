"""What holds for every executor that runs attempts in worker processes: nothing outlives its engine."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rota.model.outcome import End
from rota.runtime.processes import PIPE, Process, start_process
from tests.support.processes import eventually, is_alive, is_group_alive, wait_until_gone
from tests.support.sides import Side, closing, code_changes, make_side

ENGINE = str(Path(__file__).parents[1] / "support" / "engine.py")
PLATFORM = str(Path(__file__).parents[2] / "platform")

LEAVE_CHILD = {
    "process": ["leave_child_and_wait"],
    "command": ["sh", "-c", "sleep 1000 & echo ready $$ $!; wait"],
}
DEAF = {
    "process": ["wait_stubbornly"],
    "command": ["sh", "-c", "trap '' TERM INT HUP; echo ready; while true; do sleep 0.05; done"],
}


@pytest.fixture(params=["process", "command"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def side(kind: str) -> Iterator[Side]:
    with closing(make_side(kind, workers=1)) as side:
        yield side


@pytest.fixture
def engine() -> Iterator[list[Process]]:
    """Engines of their own, which are gone after the test."""
    engines: list[Process] = []
    yield engines
    for each in engines:
        each.kill()
        each.wait()
        for stream in (each.stdin, each.stdout):
            assert stream is not None
            stream.close()


def start_engine(engines: list[Process], kind: str, *what: str) -> Process:
    argv = [sys.executable, ENGINE, kind, *what]
    engine = start_process(argv, environment={"PYTHONPATH": PLATFORM}, stdin=PIPE, stdout=PIPE)
    engines.append(engine)
    return engine


def read_line(engine: Process, start: str) -> list[str]:
    """The words of the next line that begins with `start`."""
    assert engine.stdout is not None
    for line in engine.stdout:
        words = line.decode().split()
        if words[:1] == [start]:
            return words
    raise AssertionError(f"the engine ended without a line that begins with {start!r}")


def start(side: Side, argv: list[str]) -> tuple[object, list[int]]:
    attempt = side.start_method(argv[0]) if side.kind == "process" else side.start_command(*argv)
    side.recorder.wait_for_text(attempt, "\n")
    return attempt, [int(word) for word in side.recorder.text(attempt).split()[1:]]


def worker_of(side: Side) -> int:
    """The process id of the one worker of the side."""
    (worker,) = side.executor._workers  # type: ignore[attr-defined]
    assert is_alive(worker._process.pid)
    return int(worker._process.pid)


def test_a_hard_stop_takes_the_children_along(side: Side) -> None:
    attempt, processes = start(side, LEAVE_CHILD[side.kind])
    assert len(processes) == 2
    side.executor.kill(attempt)  # type: ignore[arg-type]
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED  # type: ignore[arg-type]
    wait_until_gone(processes)


def test_closing_leaves_no_process(side: Side) -> None:
    _, processes = start(side, LEAVE_CHILD[side.kind])
    worker = worker_of(side)
    side.executor.close()
    assert not is_alive(worker)
    wait_until_gone(processes)
    for group in (worker, *processes):
        eventually(lambda group=group: not is_group_alive(group), f"group {group} is gone")  # type: ignore[misc]


def test_a_killed_worker_hurts_one_attempt(side: Side) -> None:
    attempt, processes = start(side, LEAVE_CHILD[side.kind])
    os.kill(worker_of(side), signal.SIGKILL)
    outcome = side.recorder.wait_for_end(attempt)  # type: ignore[arg-type]
    assert outcome.end is End.DIED
    assert outcome.error is not None
    assert outcome.error.message.startswith("the worker process died: signal SIGKILL; ")
    wait_until_gone(processes)
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_an_idle_worker_that_is_killed_is_replaced(side: Side) -> None:
    side.recorder.wait_for_end(side.start("succeed"))
    worker = worker_of(side)
    os.kill(worker, signal.SIGKILL)
    wait_until_gone([worker])
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_workers_stay_warm(side: Side) -> None:
    side.recorder.wait_for_end(side.start("succeed"))
    worker = worker_of(side)
    side.recorder.wait_for_end(side.start("succeed"))
    assert worker_of(side) == worker


def test_workers_start_only_when_there_is_work(side: Side) -> None:
    assert side.executor._workers == []  # type: ignore[attr-defined]


def test_where_code_has_changed_idle_workers_are_replaced_now_and_busy_ones_when_done(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.recorder.wait_for_end(side.start("succeed"))
    idle = worker_of(side)
    code_changes(monkeypatch)
    busy_attempt = side.start("wait willingly")
    side.recorder.wait_for_text(busy_attempt, "ready")
    busy = worker_of(side)
    assert busy != idle
    code_changes(monkeypatch)
    following = side.start("succeed")
    assert busy_attempt not in side.recorder.outcomes
    side.executor.cancel(busy_attempt)
    side.recorder.wait_for_end(busy_attempt)
    side.recorder.wait_for_end(following)
    assert worker_of(side) != busy


def test_nothing_outlives_an_engine_that_is_killed(kind: str, engine: list[Process]) -> None:
    killed = start_engine(engine, kind, *LEAVE_CHILD[kind])
    began = int(read_line(killed, "began")[1])
    processes = [int(word) for word in read_line(killed, "ready")[1:]]
    assert began in processes
    killed.kill()
    wait_until_gone(processes)


if hasattr(fcntl, "F_SETSIG"):  # where the kernel itself can end what an engine started

    def test_nothing_outlives_an_engine_that_is_killed_with_its_worker(kind: str, engine: list[Process]) -> None:
        killed = start_engine(engine, kind, *LEAVE_CHILD[kind])
        worker = int(read_line(killed, "worker")[1])
        processes = [int(word) for word in read_line(killed, "ready")[1:]]
        os.kill(worker, signal.SIGSTOP)  # so that no Python of the worker can do anything about it
        killed.kill()
        killed.wait()
        with suppress(ProcessLookupError):  # the kernel may have been quicker
            os.kill(worker, signal.SIGKILL)
        wait_until_gone([worker, *processes])

    def test_nothing_outlives_a_killed_engine_even_if_no_thread_of_the_worker_can_run(engine: list[Process]) -> None:
        killed = start_engine(engine, "process", "hold_the_interpreter")
        processes = [int(word) for word in read_line(killed, "ready")[1:]]
        killed.kill()
        wait_until_gone(processes)


def test_ctrl_c_in_the_terminal_does_not_reach_what_runs(kind: str, engine: list[Process]) -> None:
    interrupted = start_engine(engine, kind, *DEAF[kind])
    read_line(interrupted, "ready")
    # What a terminal does: the signal goes to the whole group of the program in front.
    os.killpg(interrupted.pid, signal.SIGINT)
    read_line(interrupted, "interrupted")
    assert interrupted.stdin is not None
    interrupted.stdin.close()
    assert read_line(interrupted, "ended") == ["ended", "stopped"]
    read_line(interrupted, "closed")
    assert interrupted.wait() == 0
