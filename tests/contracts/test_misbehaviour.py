"""Attempts that misbehave, in every executor: what becomes of them, and that they harm nothing else.

What only a process of its own can survive is tried there; in a thread or on an event loop it would be the end of the
engine, which a job survives because the next engine finds it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from threading import Event
from typing import Any

import psutil
import pytest

from rota.model.attempt import AttemptId
from rota.model.outcome import End, Outcome
from rota.runtime.processes import PIPE, start_process
from tests.contracts.test_worker_executors import ENGINE, PLATFORM
from tests.support.processes import eventually, is_alive, wait_until_gone
from tests.support.recorder import TIMEOUT, Recorder
from tests.support.sides import Side, make_side

IN_ENGINE = ["thread", "async"]
METHODS = ["process", *IN_ENGINE]
ALL = [*METHODS, "command"]

SHELL = {
    "write_100_megabytes": "head -c 100000000 /dev/zero | tr '\\0' x",
    "print_without_end": "printf 'Loading... '; sleep 30",
    "exit_at_once": "exit 3",
    "kill_itself": "kill -9 $$",
    "crash": "kill -SEGV $$",
    "leave_child": "sleep 1000 & echo $!",
    "leave_orphan": "(sleep 1000 & echo $!)",
    "ignore_signals": "trap '' TERM INT; echo ready; sleep 30; sleep 30",
}
"""The same misbehaviour as a command."""


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True) if is_alive(child.pid)}


@pytest.fixture
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """An executor of its own for each test; afterwards it can still run something, and nothing of it is left."""
    before = children()
    side = make_side(request.param, workers=1)
    yield side
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED
    side.executor.close()
    assert side.recorder.faults == []
    eventually(lambda: children() <= before, "no process is left")


def kinds(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("side", names, indirect=True)


def start(side: Side, what: str, parameters: Any = None) -> AttemptId:
    if side.kind == "command":
        return side.start_command("sh", "-c", SHELL[what])
    return side.start_method(what, parameters)


def end_of(side: Side, what: str) -> tuple[End, str]:
    outcome = side.recorder.wait_for_end(start(side, what))
    assert outcome.error is not None
    return outcome.end, f"{outcome.error.type}: {outcome.error.message}"


# Ends that nobody expects


@kinds(*METHODS)
@pytest.mark.parametrize(
    ("what", "error"),
    [
        ("interrupt", "KeyboardInterrupt: KeyboardInterrupt()"),
        ("exit_politely", "SystemExit: SystemExit(3)"),
        ("recurse", "RecursionError: maximum recursion depth exceeded"),
        ("return_object", "TypeError: the result of the method cannot be written as JSON: "),
        ("return_deep", "TypeError: the result of the method cannot be written as JSON: "),
        ("return_huge", "ValueError: the result of the method is too large: 70000002 bytes of JSON"),
        ("fail_unspeakably", "Unspeakable: (its text cannot be shown: ValueError)"),
    ],
)
def test_it_has_raised(side: Side, what: str, error: str) -> None:
    end, told = end_of(side, what)
    assert end is End.RAISED
    assert told.startswith(error)


@kinds(*METHODS)
def test_a_deep_recursion_has_a_traceback_that_can_be_read(side: Side) -> None:
    outcome = side.recorder.wait_for_end(start(side, "recurse"))
    assert outcome.error is not None
    assert outcome.error.traceback is not None
    assert "[Previous line repeated" in outcome.error.traceback
    assert len(outcome.error.traceback) < 10_000


@kinds(*METHODS)
def test_a_large_result_comes_whole(side: Side) -> None:
    assert side.recorder.wait_for_end(start(side, "return_20_megabytes")).result == "x" * 20_000_000


@kinds("process", "command")
@pytest.mark.parametrize(
    ("what", "words"),
    [("exit_at_once", "exit code 3"), ("kill_itself", "signal SIGKILL"), ("crash", "signal SIGSEGV")],
)
def test_a_process_that_ends_is_named(side: Side, what: str, words: str) -> None:
    end, told = end_of(side, what)
    assert end is (End.DIED if side.kind == "process" else End.RAISED)
    assert words in told


@pytest.mark.parametrize("kind", IN_ENGINE)
def test_what_ends_the_process_ends_an_engine_that_runs_it_itself(kind: str) -> None:
    engine = start_process(
        [sys.executable, ENGINE, kind, "exit_at_once"],
        environment={"PYTHONPATH": PLATFORM},
        stdin=PIPE,
        stdout=PIPE,
    )
    with engine:
        assert engine.wait(TIMEOUT) == 3


# Output


class PatientRecorder(Recorder):
    """Takes no record until it is told to: everything between the method and here fills up."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = Event()
        self.was_met = Event()

    def emitted(self, attempt: AttemptId, stream: str, at: Any, data: Any) -> None:
        self.was_met.set()
        assert self.opened.wait(TIMEOUT)
        super().emitted(attempt, stream, at, data)


@kinds(*ALL)
def test_output_that_nobody_takes_makes_the_attempt_wait_and_nothing_is_lost(side: Side) -> None:
    recorder = side.recorder = PatientRecorder()
    attempt = side.start("write much")
    assert recorder.was_met.wait(TIMEOUT)
    assert attempt not in recorder.outcomes
    recorder.opened.set()
    assert recorder.wait_for_end(attempt).end is End.RETURNED
    assert len(recorder.text(attempt)) == 20_000_000


class CountingRecorder(Recorder):
    """Counts text instead of keeping it."""

    count = 0

    def emitted(self, attempt: AttemptId, stream: str, at: Any, data: Any) -> None:  # noqa: ARG002 - see Recorder
        self.count += len(data)


@kinds(*ALL)
def test_a_hundred_megabytes_pass_in_little_memory(side: Side) -> None:
    recorder = side.recorder = CountingRecorder()
    warm = side.start("succeed")
    recorder.wait_for_end(warm)
    before = psutil.Process().memory_info().rss
    assert recorder.wait_for_end(start(side, "write_100_megabytes")).end is End.RETURNED
    assert recorder.count == 100_000_000
    assert psutil.Process().memory_info().rss - before < 30_000_000


@kinds(*ALL)
def test_text_is_shown_although_its_line_has_not_ended(side: Side) -> None:
    attempt = start(side, "print_without_end")
    side.recorder.wait_for_text(attempt, "Loading... ")
    assert attempt not in side.recorder.outcomes
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    side.recorder.wait_for_end(attempt)


@kinds(*METHODS)
def test_streams_are_in_one_order(side: Side) -> None:
    side.recorder.wait_for_end(start(side, "say_in_order"))
    streams = ("stdout", "stderr", "output", "message", "log")
    assert [each.stream for each in side.recorder.emissions] == [*streams] * 50
    texts = [each.data["message"] if each.stream == "log" else each.data for each in side.recorder.emissions]
    assert [text.rstrip() for text in texts] == [f"{number} {stream}" for number in range(50) for stream in streams]


@kinds("process")
def test_what_a_thread_writes_after_the_end_is_nobodys(side: Side) -> None:
    first = side.start_method("leave_writing_thread")
    assert side.recorder.wait_for_end(first).end is End.RETURNED
    second = side.start_method("end_left_thread")
    assert side.recorder.wait_for_end(second).result is True
    assert side.recorder.processes[first] == side.recorder.processes[second]
    assert side.recorder.text(second) == "mine\n"
    assert side.recorder.data(second, "message") == []


# Processes


LEFT_BEHIND = [("process", "leave_child"), ("command", "leave_child"), ("command", "leave_orphan")]
if sys.platform == "linux":  # no other system tells a worker of its orphans; there they end with the worker
    LEFT_BEHIND.append(("process", "leave_orphan"))


@pytest.mark.parametrize(("side", "what"), LEFT_BEHIND, indirect=["side"])
def test_a_process_that_is_left_behind_ends_with_the_attempt(side: Side, what: str) -> None:
    attempt = start(side, what)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.RETURNED
    process = outcome.result if side.kind == "process" else int(side.recorder.text(attempt))
    assert isinstance(process, int)
    wait_until_gone([process])


@kinds("process")
def test_a_process_in_a_session_of_its_own_stays(side: Side) -> None:
    first = side.start_method("leave_daemon")
    process = side.recorder.wait_for_end(first).result
    assert isinstance(process, int)
    second = side.start("succeed")
    side.recorder.wait_for_end(second)
    assert side.recorder.processes[first] == side.recorder.processes[second]
    assert is_alive(process)
    os.kill(process, signal.SIGKILL)


@kinds("process")
def test_a_method_whose_children_have_ended_keeps_its_worker(side: Side) -> None:
    attempts = [side.start_method("leave_nothing") for _ in range(5)]
    side.recorder.wait_for_end(*attempts)
    assert len({side.recorder.processes[attempt] for attempt in attempts}) == 1


# Signals


@kinds("process")
def test_handlers_and_timers_of_one_method_are_gone_for_the_next(side: Side) -> None:
    before = side.recorder.wait_for_end(side.start_method("tell_handlers")).result
    side.recorder.wait_for_end(side.start_method("install_handlers"))
    assert side.recorder.wait_for_end(side.start_method("tell_handlers")).result == before
    assert len(set(side.recorder.processes.values())) == 1


@kinds(*IN_ENGINE)
def test_the_signals_of_the_engine_are_not_for_its_threads(side: Side) -> None:
    assert end_of(side, "install_handlers")[1].startswith("ValueError: signal only works in main thread")


@kinds("process", "command")
def test_who_ignores_signals_is_killed(side: Side) -> None:
    attempt = start(side, "ignore_signals")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED


# Calls into C that do not return


@kinds("process")
def test_a_call_that_never_returns_is_killed(side: Side) -> None:
    attempt = side.start_method("hold_the_interpreter")
    side.recorder.wait_for_text(attempt, "ready")
    processes = [int(word) for word in side.recorder.text(attempt).split()[1:]]
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED
    wait_until_gone(processes)


@kinds(*IN_ENGINE)
def test_a_call_that_never_returns_is_reported_and_its_slot_replaced(side: Side) -> None:
    attempt = side.start_method("sleep_in_c")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    outcome: Outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.type == "Unstoppable"
