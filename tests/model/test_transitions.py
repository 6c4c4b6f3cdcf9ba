"""What the end of an attempt means for its job: every end, every stop, with and without restarts left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.retry import RetryPolicy
from rota.model.states import ACTIVE, FINISHED, State
from rota.model.transitions import TRANSITIONS, Next, Stop, after_attempt

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
ERROR = ErrorInfo(type="ValueError", message="no")
FATAL = ErrorInfo(type="PermanentFailure", message="never", permanent=True)
ONCE = RetryPolicy(count=1, interval=10)

STOPS = [None, *Stop]


def after(
    end: End, stop: Stop | None = None, *, retry: RetryPolicy = ONCE, restarts: int = 0, error: ErrorInfo | None = ERROR
) -> Next:
    outcome = Outcome(end=end, result=[1]) if end is End.RETURNED else Outcome(end=end, error=error)
    return after_attempt(outcome, retry=retry, restarts=restarts, now=NOW, stop=stop)


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("restarts", [0, 1, 5])
@pytest.mark.parametrize("retry", [RetryPolicy(), ONCE, RetryPolicy(count=1, on_timeout=False)])
@pytest.mark.parametrize("error", [None, ERROR, FATAL])
def test_every_end_is_an_arrow_of_the_table(
    end: End, stop: Stop | None, restarts: int, retry: RetryPolicy, error: ErrorInfo | None
) -> None:
    result = after(end, stop, retry=retry, restarts=restarts, error=error)
    assert result.state in TRANSITIONS[State.RUNNING]
    assert (result.due_at is not None) == (result.state is State.WAITING)
    assert (result.reason is None) == (result.state is State.COMPLETED)
    assert result.restarts - restarts in {0, 1}
    assert result.restarts <= max(retry.count, restarts)


@pytest.mark.parametrize("stop", STOPS)
def test_a_method_that_returned_has_completed_whatever_was_asked_of_it(stop: Stop | None) -> None:
    assert after(End.RETURNED, stop) == Next(state=State.COMPLETED, restarts=0, result=[1])


@pytest.mark.parametrize("end", [End.RAISED, End.DIED, End.STOPPED, End.LOST])
@pytest.mark.parametrize(
    ("stop", "reason"),
    [(Stop.REQUEST, "cancelled on request"), (Stop.COMPLETION, "its completion time was reached")],
)
def test_a_cancellation_is_never_restarted(end: End, stop: Stop, reason: str) -> None:
    assert after(end, stop) == Next(state=State.CANCELLED, reason=reason, restarts=0, error=ERROR)


@pytest.mark.parametrize("end", [End.STOPPED, End.DIED])
def test_a_hand_back_spends_no_restart_and_is_due_at_once(end: End) -> None:
    result = after(end, Stop.SHUTDOWN, retry=RetryPolicy(), restarts=0)
    assert result == Next(state=State.WAITING, reason="handed back by a stopping engine", restarts=0, due_at=NOW)


def test_a_method_that_fails_by_itself_during_a_shutdown_has_failed() -> None:
    assert after(End.RAISED, Stop.SHUTDOWN, restarts=1).state is State.FAILED


@pytest.mark.parametrize("end", [End.RAISED, End.DIED, End.LOST, End.STOPPED])
def test_an_abnormal_end_is_restarted_as_often_as_the_policy_says(end: End) -> None:
    first = after(end)
    assert (first.state, first.restarts, first.due_at) == (State.WAITING, 1, NOW + timedelta(seconds=10))
    last = after(end, restarts=first.restarts)
    assert (last.state, last.restarts, last.due_at, last.error) == (State.FAILED, 1, None, ERROR)


@pytest.mark.parametrize(
    ("end", "error", "reason"),
    [
        (End.RAISED, ERROR, str(ERROR)),
        (End.DIED, None, "died"),
        (End.STOPPED, None, "stopped"),
        (End.LOST, ERROR, "lost"),
        (End.LOST, None, "lost"),
    ],
)
def test_the_reason_says_what_went_wrong(end: End, error: ErrorInfo | None, reason: str) -> None:
    assert after(end, error=error).reason == after(end, error=error, restarts=1).reason == reason


def test_a_timeout_is_restarted_unless_the_policy_says_no() -> None:
    assert after(End.STOPPED, Stop.TIMEOUT).state is State.WAITING
    strict = RetryPolicy(count=5, on_timeout=False)
    result = after(End.STOPPED, Stop.TIMEOUT, retry=strict)
    assert (result.state, result.reason) == (State.FAILED, "timed out")
    assert after(End.RAISED, retry=strict).state is State.WAITING


def test_a_permanent_failure_is_not_restarted() -> None:
    assert after(End.RAISED, error=FATAL) == Next(state=State.FAILED, reason=str(FATAL), restarts=0, error=FATAL)


def test_the_spread_reaches_the_delay() -> None:
    retry = RetryPolicy(count=1, interval=10, backoff=2.0)
    outcome = Outcome(end=End.RAISED, error=ERROR)
    result = after_attempt(outcome, retry=retry, restarts=0, now=NOW, spread=1.0)
    assert result.due_at == NOW + timedelta(seconds=11)


def test_the_table_names_every_state_and_leaves_no_finished_one() -> None:
    assert set(TRANSITIONS) == set(State) == set(ACTIVE) | set(FINISHED)
    assert all(TRANSITIONS[state] == set() for state in FINISHED)
    reached = set().union(*TRANSITIONS.values())
    assert reached == set(State) - {State.QUEUED}
