"""What holds for every executor that runs Python methods."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rota.model.outcome import End, ErrorInfo
from tests.support.sides import METHODS, Side, closing, heard_anew, make_side


@pytest.fixture(scope="module", params=["process", "thread", "async"])
def warm(request: pytest.FixtureRequest) -> Iterator[Side]:
    """One executor for all of these tests, so that each runs where others have run before."""
    with closing(make_side(request.param)) as side:
        yield side


@pytest.fixture
def side(warm: Side) -> Iterator[Side]:
    with heard_anew(warm) as side:
        yield side


def error_of(side: Side, method: str, parameters: object = None) -> ErrorInfo:
    """What the method raised."""
    outcome = side.recorder.wait_for_end(side.start_method(method, parameters))
    assert outcome.end is End.RAISED
    assert outcome.result is None
    assert outcome.error is not None
    return outcome.error


# Results and parameters


@pytest.mark.parametrize("parameters", [{"left": 2, "right": 3}, [2, 3]])
def test_parameters_go_in_and_the_result_comes_out(side: Side, parameters: object) -> None:
    outcome = side.recorder.wait_for_end(side.start_method("add", parameters))
    assert (outcome.end, outcome.result, outcome.error) == (End.RETURNED, 5, None)


def test_parameters_arrive_as_hinted(side: Side) -> None:
    ids = ["6f1e0d5e-4a52-4b0e-9d5c-2f1f4f3f8a10"]
    attempt = side.start_method("typed", {"day": "2026-03-01", "amount": "1.50", "ids": ids})
    assert side.recorder.wait_for_end(attempt).result == ["date", "Decimal", "UUID"]


def test_a_rich_result_becomes_json(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_method("return_rich")).result == {
        "day": "2026-03-01",
        "amount": "1.50",
        "tuple": [1, 2],
        "colour": "red",
        "point": {"x": 1},
    }


def test_a_result_that_is_no_json_has_raised(side: Side) -> None:
    error = error_of(side, "return_object")
    assert error.type == "TypeError"
    assert error.message.startswith("the result of the method cannot be written as JSON: ")


def test_parameters_that_do_not_fit_have_raised_for_good(side: Side) -> None:
    error = error_of(side, "add", {"left": "two"})
    assert (error.type, error.permanent) == ("BadParameters", True)
    assert "left: expected int, got str" in error.message


# Failures


def test_an_exception_is_told_from_the_first_frame_of_the_user(side: Side) -> None:
    error = error_of(side, "fail")
    assert (error.type, error.message, error.permanent) == ("ValueError", "no rates today", False)
    assert error.traceback is not None
    lines = error.traceback.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{METHODS}/')
    assert lines[-1] == "ValueError: no rates today"


def test_the_exceptions_that_led_to_one_are_told_too(side: Side) -> None:
    error = error_of(side, "fail_deeply")
    assert error.traceback is not None
    assert error.traceback.count("Traceback (most recent call last):") == 2
    assert "rota/executors" not in error.traceback


def test_a_permanent_failure_is_marked(side: Side) -> None:
    error = error_of(side, "fail_for_good")
    assert (error.type, error.message, error.permanent) == ("PermanentFailure", "the account is closed", True)


def test_sys_exit_has_raised(side: Side) -> None:
    error = error_of(side, "exit_politely")
    assert (error.type, error.message) == ("SystemExit", "SystemExit(3)")


def test_job_cancelled_that_nobody_asked_for_has_raised(side: Side) -> None:
    assert error_of(side, "raise_cancelled").type == "JobCancelled"


def test_an_exception_that_cannot_be_shown_is_still_told(side: Side) -> None:
    error = error_of(side, "fail_unspeakably")
    assert (error.type, error.message) == ("Unspeakable", "(its text cannot be shown: ValueError)")


def test_a_message_of_any_length_is_cut(side: Side) -> None:
    error = error_of(side, "fail_at_length")
    assert error.message.endswith("... (1000000 characters)")
    assert len(error.message) < 11_000


def test_a_module_that_cannot_be_imported_is_told_with_its_traceback(side: Side) -> None:
    error = error_of(side, "broken_methods:anything")
    assert error.type == "UnknownMethod"
    assert "not importable today" in error.message
    assert error.traceback is not None
    assert f'File "{METHODS}/broken_methods.py", line 1' in error.traceback


@pytest.mark.parametrize("method", ["no_such_module:run", "job_methods:no_such_method", "job_methods:LIMIT"])
def test_an_unknown_method_has_raised(side: Side, method: str) -> None:
    error = error_of(side, method)
    assert error.type == "UnknownMethod"
    assert method in error.message


# Output


def test_everything_that_is_said_comes_in_order(side: Side) -> None:
    attempt = side.start_method("say_everything")
    side.recorder.wait_for_end(attempt)
    assert [(each.stream, each.data) for each in side.recorder.emissions] == [
        ("stdout", "one"),
        ("message", "two"),
        ("stderr", "three\n"),
        ("progress", {"fraction": 0.25, "text": "four"}),
        ("output", {"five": 5}),
        ("log", {"level": "WARNING", "logger": "shop", "message": "six and more"}),
        ("log", {"level": "INFO", "logger": "rota.job", "message": "seven"}),
        ("stdout", "eight ü\n"),
        ("stdout", "nine"),
    ]
    stamps = [each.at for each in side.recorder.emissions]
    assert stamps == sorted(stamps)


def test_a_logged_exception_keeps_its_traceback(side: Side) -> None:
    attempt = side.start_method("log_exception")
    side.recorder.wait_for_end(attempt)
    (record,) = side.recorder.data(attempt, "log")
    assert (record["level"], record["message"]) == ("ERROR", "it went wrong")
    assert record["exception"].endswith("ValueError: no rates today")


def test_what_a_generator_yields_is_output_and_what_it_returns_the_result(side: Side) -> None:
    attempt = side.start_method("count", [3])
    # An asynchronous generator is not able to return anything.
    assert side.recorder.wait_for_end(attempt).result == (None if side.kind == "async" else "counted")
    assert side.recorder.data(attempt, "output") == [0, 1, 2]


def test_a_coroutine_is_run(side: Side) -> None:
    assert side.recorder.wait_for_end(side.start_method("add_asynchronously", [2, 3])).result == 5


def test_an_asynchronous_generator_is_run(side: Side) -> None:
    attempt = side.start_method("count_asynchronously", [3])
    assert side.recorder.wait_for_end(attempt).result is None
    assert side.recorder.data(attempt, "output") == [0, 1, 2]


def test_a_yielded_value_that_is_no_json_has_raised(side: Side) -> None:
    assert error_of(side, "yield_object").message.startswith("a value that the method yielded cannot be written")


def test_what_was_put_out_does_not_change_any_more(side: Side) -> None:
    attempt = side.start_method("emit_and_change")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.data(attempt, "output") == [[1]]


def test_half_characters_are_written_out(side: Side) -> None:
    attempt = side.start_method("write_half_characters")
    assert side.recorder.wait_for_end(attempt).result == "whole"
    assert side.recorder.text(attempt) == "half \\udc80\n"
    assert side.recorder.data(attempt, "message") == ["half \\udc80"]


def test_outputs_of_attempts_that_run_together_are_not_mixed(side: Side) -> None:
    attempts = [side.start_method("print_lines") for _ in range(4)]
    side.recorder.wait_for_end(*attempts)
    expected = "".join(f"line {number}\n" for number in range(1, 1001))
    assert [side.recorder.text(attempt) for attempt in attempts] == [expected] * 4


# The current job


def test_a_method_knows_its_job(side: Side) -> None:
    attempt = side.start_method("tell_job", {}, job="b-1", number=2, name="rates", key="usd", user="anna")
    facts = side.recorder.wait_for_end(attempt).result
    assert isinstance(facts, dict)
    assert facts.pop("process") == side.recorder.processes[attempt]
    assert facts == {
        "id": "b-1",
        "attempt": 2,
        "name": "rates",
        "key": "usd",
        "user": "anna",
        "parameters": {},
        "cancelled": False,
    }


@pytest.mark.parametrize(
    ("what", "error", "message"),
    [
        ("message", "TypeError", "a message is text, not int"),
        ("output", "TypeError", "an output value cannot be written as JSON"),
        ("progress", "ValueError", "progress is a fraction from 0 to 1, not 2"),
    ],
)
def test_misuse_of_the_current_job_is_told(side: Side, what: str, error: str, message: str) -> None:
    told = error_of(side, "misuse_job", [what])
    assert told.type == error
    assert message in told.message


# Stopping


def test_a_method_that_looks_and_returns_has_returned(side: Side) -> None:
    attempt = side.start_method("look_and_return")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert (outcome.end, outcome.result) == (End.RETURNED, "stopped early")


def test_a_method_that_fails_to_tidy_up_has_stopped_all_the_same(side: Side) -> None:
    attempt = side.start_method("fail_while_tidying_up")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert outcome.error.message == "no room to tidy up"


def test_a_coroutine_is_cancelled_where_it_waits(side: Side) -> None:
    attempt = side.start_method("wait_asynchronously")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED
    assert side.recorder.text(attempt) == "ready\ntidied up\n"
