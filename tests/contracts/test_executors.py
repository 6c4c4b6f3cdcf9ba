"""What holds for every executor, whatever it carries attempts out with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rota.executors.registry import KINDS
from rota.model.attempt import Attempt, AttemptId
from rota.model.outcome import End, Outcome
from tests.support.recorder import Recorder
from tests.support.sides import Side, closing, make_side

CARRYING_OUT = ["process", "thread", "async", "command"]
UNKNOWN = AttemptId("unknown", 1)


@pytest.fixture(params=CARRYING_OUT)
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Each executor that carries something out; afterwards nothing runs, and no rule of `Reports` was broken."""
    with closing(make_side(request.param)) as side:
        yield side


def test_every_kind_is_held_to_this_contract() -> None:
    assert set(KINDS) == {*CARRYING_OUT, "failing"}


# Ends


def test_an_attempt_begins_and_returns(side: Side) -> None:
    attempt = side.start("succeed")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    assert side.recorder.processes[attempt] is not None


def test_an_attempt_that_fails_has_raised(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start("fail"))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert "no rates today" in outcome.error.message


def test_what_cannot_be_found_has_raised_with_one_line(side: Side) -> None:
    outcome = side.recorder.wait_for_end(side.start("be unknown"))
    assert outcome.end is End.RAISED
    assert outcome.error is not None
    assert "\n" not in outcome.error.message
    assert "no" in outcome.error.message


def test_many_attempts_end_once_each(side: Side) -> None:
    attempts = [side.start("succeed") for _ in range(100)]
    side.recorder.wait_for_end(*attempts)
    assert {outcome.end for outcome in side.recorder.outcomes.values()} == {End.RETURNED}
    assert set(side.recorder.outcomes) == set(attempts)


def test_a_failure_leaves_the_slot_usable(side: Side) -> None:
    for _ in range(2 * side.executor.slots):
        side.recorder.wait_for_end(side.start("fail"))
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


# Output


def test_lines_come_in_order_and_before_the_end(side: Side) -> None:
    attempt = side.start("print lines")
    side.recorder.wait_for_end(attempt)
    assert side.recorder.text(attempt) == "".join(f"line {number}\n" for number in range(1, 1001))


def test_much_output_comes_whole(side: Side) -> None:
    attempt = side.start("write much")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    assert len(side.recorder.text(attempt)) == 20_000_000
    assert max(len(text) for text in side.recorder.data(attempt, "stdout")) <= 65_536


def test_output_comes_while_the_attempt_runs(side: Side) -> None:
    attempt = side.start("wait willingly")
    side.recorder.wait_for_text(attempt, "ready\n")
    assert attempt not in side.recorder.outcomes
    side.executor.cancel(attempt)
    side.recorder.wait_for_end(attempt)


# Stopping


def test_a_soft_stop_lets_it_tidy_up(side: Side) -> None:
    attempt = side.start("wait willingly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    outcome = side.recorder.wait_for_end(attempt)
    assert outcome.end is End.STOPPED
    assert outcome.error is not None
    assert side.recorder.text(attempt) == "ready\ntidied up\n"


def test_a_second_soft_stop_changes_nothing(side: Side) -> None:
    attempt = side.start("wait willingly")
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    side.executor.cancel(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED
    assert side.recorder.text(attempt).count("tidied up") == 1


@pytest.mark.parametrize("scenario", ["wait willingly", "wait deafly", "wait stubbornly"])
def test_a_hard_stop_ends_whatever_runs(side: Side, scenario: str) -> None:
    attempt = side.start(scenario)
    side.recorder.wait_for_text(attempt, "ready")
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_it_can_be_stopped_while_it_writes(side: Side) -> None:
    attempt = side.start("print for ever")
    side.recorder.wait_for_text(attempt, "line")
    side.executor.cancel(attempt)
    side.executor.kill(attempt)
    assert side.recorder.wait_for_end(attempt).end is End.STOPPED


def test_stopping_right_after_the_start_is_never_lost(side: Side) -> None:
    attempts = [side.start("wait willingly") for _ in range(6)]
    for attempt in attempts:
        side.executor.cancel(attempt)
    side.recorder.wait_for_end(*attempts)
    assert {outcome.end for outcome in side.recorder.outcomes.values()} == {End.STOPPED}


def test_stopping_what_is_just_ending_ends_it_once(side: Side) -> None:
    attempts = []
    for _ in range(50):
        attempts.append(side.start("succeed"))
        side.executor.cancel(attempts[-1])
    side.recorder.wait_for_end(*attempts)
    assert {outcome.end for outcome in side.recorder.outcomes.values()} <= {End.RETURNED, End.STOPPED}
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


def test_what_waits_for_a_slot_can_be_stopped(side: Side) -> None:
    running = [side.start("wait willingly") for _ in range(side.executor.slots)]
    for attempt in running:
        side.recorder.wait_for_text(attempt, "ready")
    waiting = side.start("succeed")
    side.executor.cancel(waiting)
    for attempt in running:
        side.executor.kill(attempt)
    assert side.recorder.wait_for_end(*running, waiting).end is End.STOPPED


def test_no_more_run_at_once_than_there_are_slots(side: Side) -> None:
    running = [side.start("wait willingly") for _ in range(side.executor.slots)]
    for attempt in running:
        side.recorder.wait_for_text(attempt, "ready")
    waiting = side.start("succeed")
    assert waiting not in side.recorder.processes
    side.executor.cancel(running[0])
    assert side.recorder.wait_for_end(waiting).end is End.RETURNED
    side.executor.cancel(running[1])


def test_stopping_what_is_over_or_unknown_does_nothing(side: Side) -> None:
    attempt = side.start("succeed")
    assert side.recorder.wait_for_end(attempt).end is End.RETURNED
    for each in (attempt, UNKNOWN):
        side.executor.cancel(each)
        side.executor.kill(each)
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


# Closing, and listeners that fail


def test_closing_ends_what_runs_and_what_waits(side: Side) -> None:
    running = [side.start("wait deafly") for _ in range(side.executor.slots)]
    for attempt in running:
        side.recorder.wait_for_text(attempt, "ready")
    waiting = side.start("succeed")
    side.executor.close()
    assert {side.recorder.outcomes[attempt].end for attempt in (*running, waiting)} == {End.STOPPED}


def test_a_closed_executor_takes_nothing(side: Side) -> None:
    side.executor.close()
    with pytest.raises(RuntimeError, match="closed"):
        side.start("succeed")
    side.executor.cancel(UNKNOWN)
    side.executor.kill(UNKNOWN)
    side.executor.close()


class FailingRecorder(Recorder):
    """Takes nothing but the end."""

    def began(self, *_: object) -> None:
        raise OSError("no room for the begin")

    def emitted(self, *_: object) -> None:
        raise OSError("no room for a record")

    def ended(self, attempt: AttemptId, at: object, outcome: Outcome) -> None:
        super().ended(attempt, at, outcome)  # type: ignore[arg-type]
        raise OSError("no room for the end")


def test_a_listener_that_fails_harms_no_other_attempt(side: Side) -> None:
    recorder, side.recorder = side.recorder, FailingRecorder()
    for _ in range(2 * side.executor.slots):
        side.recorder.wait_for_end(side.start("print lines"))
    side.recorder = recorder
    assert side.recorder.wait_for_end(side.start("succeed")).end is End.RETURNED


# The executor that fails


def test_the_failing_executor_fails_everything() -> None:
    side = make_side("failing")
    attempts = [side.start("succeed") for _ in range(10)]
    side.executor.cancel(attempts[0])
    side.executor.kill(attempts[0])
    side.recorder.wait_for_end(*attempts)
    side.executor.close()
    assert {outcome.end for outcome in side.recorder.outcomes.values()} == {End.RAISED}
    assert side.recorder.faults == []
    with pytest.raises(RuntimeError):
        side.executor.start(Attempt(job="late", number=1, name="late"), side.recorder)
