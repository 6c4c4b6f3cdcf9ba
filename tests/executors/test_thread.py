"""The thread executor: threads that cannot be stopped, and the process they share."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from rota.executors.thread import ThreadExecutor
from rota.model.outcome import End
from tests.support.recorder import Recorder, now
from tests.support.sides import Side, closing


@pytest.fixture
def side() -> Iterator[Side]:
    with closing(Side("thread", ThreadExecutor(1, now, patience=0.2), Recorder())) as side:
        yield side


def test_a_soft_stop_only_tells(side: Side) -> None:
    attempt = side.start("wait deafly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    assert attempt not in side.recorder.outcomes
    side.executor.kill(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert (outcome.error.type, outcome.error.message) == ("JobCancelled", "the method was told to stop")


def test_what_cannot_be_stopped_is_said_to_be_so_and_its_slot_is_replaced(side: Side) -> None:
    attempt = side.start("wait stubbornly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.kill(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.type == "Unstoppable"
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_what_is_left_behind_is_not_heard_any_more(side: Side) -> None:
    attempt = side.start_method("wait_then_print")
    side.recorder.wait_for_text(attempt, "ready")
    module = sys.modules["job_methods"]
    side.executor.kill(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED
    module.go_on.set()
    assert module.is_done.wait(30)
    assert side.recorder.text(attempt) == "ready\n"


def test_killing_what_is_just_ending_never_hits_the_next(side: Side) -> None:
    for _ in range(300):
        killed = side.start("succeed")
        side.executor.kill(killed)
        following = side.start("succeed")
        assert side.recorder.wait_for_end(killed, following).end is End.RETURNED
        assert side.recorder.outcomes[killed].end in {End.RETURNED, End.STOPPED}
    assert len(side.executor._threads) == 1  # type: ignore[attr-defined]


def test_killing_a_method_while_it_writes_tears_no_record(side: Side) -> None:
    for _ in range(30):
        attempt = side.start("print for ever")
        side.recorder.wait_for_text(attempt, "line 20\n")
        side.executor.kill(attempt)
        assert side.recorder.wait_for_end(attempt).end is End.STOPPED
        lines = side.recorder.text(attempt).splitlines()
        assert lines[:-1] == [f"line {number}" for number in range(1, len(lines))]


def test_closing_does_not_wait_for_what_cannot_be_stopped(side: Side) -> None:
    attempt = side.start("wait stubbornly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.close()
    assert side.recorder.outcomes[attempt].end is End.STOPPED


def test_closing_leaves_no_thread_and_puts_the_streams_back() -> None:
    before, streams, handlers = set(threading.enumerate()), (sys.stdout, sys.stderr), list(logging.root.handlers)
    side = Side("thread", ThreadExecutor(4, now), Recorder())
    side.recorder.wait_for_end(*[side.start("succeed") for _ in range(20)])
    side.executor.close()
    assert set(threading.enumerate()) <= before
    assert (sys.stdout, sys.stderr) == streams
    assert logging.root.handlers == handlers


def test_threads_start_only_as_they_are_needed() -> None:
    before = threading.active_count()
    side = Side("thread", ThreadExecutor(32, now), Recorder())
    for _ in range(5):
        side.recorder.wait_for_end(side.start("succeed"))
    # A second one may start while the first has just reported its end.
    assert threading.active_count() - before <= 2
    side.executor.close()


def test_what_one_method_leaves_in_context_variables_is_not_seen_by_the_next(side: Side) -> None:
    side.recorder.wait_for_end(side.start_method("set_context", ["left"]))
    assert side.recorder.wait_for_end(side.start_method("get_context")).result == "unset"


def test_the_output_of_the_program_around_goes_where_it_went(side: Side, capsys: pytest.CaptureFixture[str]) -> None:
    side.recorder.wait_for_end(side.start("print lines"))
    sys.stdout.write("from the engine\n")
    assert capsys.readouterr().out == "from the engine\n"
