"""The async executor: one event loop for all, and methods that keep it for themselves."""

from __future__ import annotations

import gc
import inspect
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from rota.executors.asynchronous import AsyncExecutor
from rota.model.outcome import End
from tests.support.recorder import Recorder, now
from tests.support.sides import METHODS, Side, closing
from tests.support.waiting import wait_for


@pytest.fixture
def side() -> Iterator[Side]:
    with closing(Side("async", AsyncExecutor(50, now, patience=0.2), Recorder())) as side:
        yield side


def test_many_wait_at_once_in_one_thread(side: Side) -> None:
    side.recorder.wait_for_end(side.start("succeed"))  # imports the module, in a thread
    before = set(threading.enumerate())
    attempts = [side.start("wait willingly") for _ in range(50)]
    for attempt in attempts:
        side.recorder.wait_for_text(attempt, "ready")
    assert {thread.name for thread in set(threading.enumerate()) - before} <= {"rota-late-text"}
    for attempt in attempts:
        side.executor.cancel(attempt)
    side.recorder.wait_for_end(*attempts)
    assert {side.recorder.outcomes[attempt].end for attempt in attempts} == {End.STOPPED}


def test_no_thread_runs_before_the_first_attempt() -> None:
    before = set(threading.enumerate())
    executor = AsyncExecutor(4, now)
    assert set(threading.enumerate()) <= before
    executor.close()


def test_a_plain_function_is_refused_for_good(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start_method("job_methods:nothing"))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert outcome.error.permanent
    assert outcome.error.message.startswith("job_methods:nothing is no `async def`")


def test_a_method_that_blocks_the_loop_is_reported_while_it_does(side: Side) -> None:
    attempt = side.start_method("block", [30])
    wait_for(lambda: side.recorder.data(attempt, "log"), "a report of the blocked loop")
    (record,) = side.recorder.data(attempt, "log")
    assert record["level"] == "WARNING"
    assert "the event loop is blocked" in record["message"]
    assert f'File "{METHODS}/async_methods.py", line ' in record["message"]
    assert "rota/executors" not in record["message"]
    assert attempt not in side.recorder.outcomes
    side.executor.kill(attempt)
    side.recorder.wait_for_end(attempt)


def test_a_method_that_blocks_the_loop_in_python_is_ended_and_harms_nobody(side: Side) -> None:
    other = side.start("wait willingly")
    side.recorder.wait_for_text(other, "ready")
    attempt = side.start_method("block", [30])
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.kill(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.type in {"JobCancelled", "CancelledError"}
    assert other not in side.recorder.outcomes
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_a_call_into_c_that_does_not_return_is_left_behind_with_its_loop(side: Side) -> None:
    other = side.start("wait willingly")
    side.recorder.wait_for_text(other, "ready")
    attempt = side.start_method("block_in_c", [3])
    side.recorder.wait_for_text(attempt, "ready")
    thread = side.executor._loop._thread  # type: ignore[attr-defined]
    side.executor.kill(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.type == "Unstoppable"
    died = side.recorder.wait_for_end(other)
    assert died.end is End.DIED
    assert died.error is not None
    assert died.error.type == "LoopLost"
    # The slots are there again, on another loop; the old one ends when the call returns, and nothing runs on it.
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED
    assert thread.is_alive()
    wait_for(lambda: not thread.is_alive(), "the end of the loop that was left behind")
    assert side.recorder.text(other) == "ready\n"
    assert not [each for each in gc.get_objects() if _is_suspended(each, "wait_willingly")], "its coroutine has ended"


def _is_suspended(value: object, name: str) -> bool:
    return (
        inspect.iscoroutine(value)
        and value.__name__ == name
        and inspect.getcoroutinestate(value) == inspect.CORO_SUSPENDED
    )


def test_what_is_left_behind_is_not_heard_any_more(side: Side) -> None:
    attempt = side.start_method("wait_then_print")
    side.recorder.wait_for_text(attempt, "ready")
    module = sys.modules["job_methods"]
    side.executor.kill(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.error is not None
    assert outcome.error.type == "Unstoppable"
    module.go_on.set()
    assert module.is_done.wait(30)
    assert side.recorder.text(attempt) == "ready\n"


def test_a_task_that_a_method_leaves_behind_is_cancelled(side: Side) -> None:
    attempt = side.start_method("leave_task_behind")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    (task,) = sys.modules["async_methods"].tasks
    wait_for(task.cancelled, "the end of the task")
    sys.modules["async_methods"].tasks.clear()


def test_sys_exit_in_a_task_of_a_method_hurts_that_method_only(side: Side) -> None:
    other = side.start("wait willingly")
    side.recorder.wait_for_text(other, "ready")
    outcome = side.recorder.wait_for_end(side.start_method("exit_in_a_task"))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert outcome.error.type == "SystemExit"
    assert other not in side.recorder.outcomes
    side.executor.cancel(other)
    assert side.recorder.wait_for_end(other).end is End.STOPPED
    assert side.recorder.text(other) == "ready\ntidied up\n"


def test_killing_what_is_just_ending_never_hits_the_next(side: Side) -> None:
    for _ in range(200):
        killed = side.start("succeed")
        side.executor.kill(killed)
        following = side.start("succeed")
        assert side.recorder.wait_for_end(killed, following).end is End.RETURNED


def test_what_one_method_leaves_in_context_variables_is_not_seen_by_the_next(side: Side) -> None:
    side.recorder.wait_for_end(side.start_method("set_context", ["left"]))
    assert side.recorder.wait_for_end(side.start_method("get_context")).result == "unset"


def test_closing_leaves_no_thread_and_puts_the_streams_back() -> None:
    before, streams, handlers = set(threading.enumerate()), (sys.stdout, sys.stderr), list(logging.root.handlers)
    side = Side("async", AsyncExecutor(4, now), Recorder())
    side.recorder.wait_for_end(*[side.start("succeed") for _ in range(20)])
    side.executor.close()
    wait_for(lambda: set(threading.enumerate()) <= before, "the end of the threads")
    assert (sys.stdout, sys.stderr) == streams
    assert logging.root.handlers == handlers
