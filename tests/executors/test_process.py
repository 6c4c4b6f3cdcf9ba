"""The process executor: real worker processes, and methods that misbehave in them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from rota.model.outcome import End
from tests.support.processes import wait_until_gone
from tests.support.sides import Side, closing, code_changes, heard_anew, make_side


@pytest.fixture(scope="module")
def warm() -> Iterator[Side]:
    """One executor for all of these tests, so that each runs where others have run before."""
    with closing(make_side("process", workers=1)) as side:
        yield side


@pytest.fixture
def side(warm: Side) -> Iterator[Side]:
    with heard_anew(warm) as side:
        yield side


@pytest.mark.parametrize(
    ("method", "how"),
    [("exit_at_once", "exit code 3"), ("abort", "signal SIGABRT"), ("crash", "signal SIGSEGV")],
)
def test_a_crash_hurts_one_attempt_and_is_named(side: Side, method: str, how: str) -> None:
    outcome = side.recorder.wait_for_end(side.start_method(method))
    assert outcome.end is End.DIED
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.message) == ("WorkerDied", f"the worker process died: {how}")
    assert side.recorder.wait_for_end(side.start_method("add", [1])).result == 2


def test_what_was_said_before_a_crash_is_kept(side: Side) -> None:
    attempt = side.start_method("exit_at_once")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "before the end\n"


def test_a_crash_in_c_leaves_its_stack(side: Side) -> None:
    attempt = side.start_method("crash")
    side.recorder.wait_for_end(attempt)
    assert "in crash" in side.recorder.text(attempt, "stderr")


def test_output_below_python_is_captured(side: Side) -> None:
    attempt = side.start_method("write_below_python")
    side.recorder.wait_for_end(attempt)
    lines = side.recorder.text(attempt).splitlines()
    assert sorted(lines) == ["descriptor 1", "from C", "from a child"]
    assert side.recorder.text(attempt, "stderr") == "descriptor 2 \ufffd\n"


def test_output_below_python_is_neither_lost_nor_stuck(side: Side) -> None:
    attempt = side.start_method("write_much_below_python", [20])
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    assert len(side.recorder.text(attempt)) == 20_000_000


def test_output_of_threads_and_forks_is_captured(side: Side) -> None:
    for method, text in [("write_from_thread", "from a thread\n"), ("print_in_fork", "from a fork\n")]:
        attempt = side.start_method(method)
        assert side.recorder.wait_for_end(attempt).end is End.RETURNED
        assert side.recorder.text(attempt) == text


def test_there_is_nothing_to_read_on_standard_input(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_method("read_input")).result == ""


def test_a_method_leaves_no_traces_for_the_next(side: Side) -> None:
    folder = side.recorder.wait_for_end(side.start_method("working_folder")).result
    side.recorder.wait_for_end(side.start_method("leave_traces"))
    assert side.recorder.wait_for_end(side.start_method("working_folder")).result == folder
    attempt = side.start("wait willingly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED


def test_sigterm_from_elsewhere_stops_the_method_which_counts_as_a_failure(side: Side) -> None:
    attempt = side.start("wait willingly")
    side.recorder.wait_for_text(attempt, "ready")
    os.kill(side.recorder.wait_for_begin(attempt) or 0, signal.SIGTERM)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert outcome.error.type == "JobCancelled"
    assert side.recorder.text(attempt) == "ready\ntidied up\n"


def test_signals_leave_an_idle_worker_alone(side: Side) -> None:
    first = side.start("succeed")
    side.recorder.wait_for_end(first)
    worker = side.recorder.processes[first] or 0
    os.kill(worker, signal.SIGTERM)
    os.kill(worker, signal.SIGINT)
    second = side.start("succeed")
    assert side.recorder.wait_for_end(second).end is End.RETURNED
    assert side.recorder.processes[second] == worker


def test_a_stopped_method_is_told_without_the_frames_of_rota(side: Side) -> None:
    attempt = side.start("wait deafly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.traceback is not None
    assert "in wait_deafly" in outcome.error.traceback
    assert "rota/executors" not in outcome.error.traceback


def test_stopping_a_method_while_it_writes_tears_no_record(side: Side) -> None:
    for _ in range(30):
        attempt = side.start("print for ever")
        side.recorder.wait_for_text(attempt, "line 20\n")
        side.executor.cancel(attempt)
        assert side.recorder.wait_for_end(attempt).end is End.STOPPED
        lines = side.recorder.text(attempt).splitlines()
        assert lines[:-1] == [f"line {number}" for number in range(1, len(lines))]
    assert len(set(side.recorder.processes.values())) == 1


def test_a_method_that_configures_logging_changes_nothing_for_the_next(side: Side) -> None:
    side.recorder.wait_for_end(side.start_method("configure_logging"))
    attempt = side.start_method("say_everything")
    side.recorder.wait_for_end(attempt)
    assert len(side.recorder.data(attempt, "log")) == 2


def test_a_worker_that_cannot_listen_any_more_is_replaced_all_the_same(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = side.start_method("leave_thread_that_holds_the_interpreter")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    code_changes(monkeypatch)
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED
    wait_until_gone([side.recorder.processes[attempt] or 0])


def test_a_fork_that_holds_the_channel_does_not_hide_the_death_of_its_worker(side: Side) -> None:
    attempt = side.start_method("fork_and_wait")
    side.recorder.wait_for_text(attempt, "\n")
    worker, fork = (int(word) for word in side.recorder.text(attempt).split()[1:])
    os.kill(worker, signal.SIGKILL)
    assert side.recorder.wait_for_end(attempt).end is End.DIED
    wait_until_gone([worker, fork])


def test_a_method_that_writes_into_the_channel_costs_its_own_worker_only(side: Side) -> None:
    attempt = side.start_method("disturb_the_channel")
    assert side.recorder.wait_for_end(attempt).end is End.DIED
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_parameters_of_many_megabytes_arrive(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start_method("length", ["x" * 8_000_000]))
    assert outcome.result == 8_000_000


def test_parameters_that_are_no_text_at_all_have_raised(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start_method("length", ["half \udc80"]))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert "cannot be sent to a worker" in outcome.error.message
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_a_command_runs_here_too(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start_command("true"))
    assert outcome.result == {"exit_code": 0}
