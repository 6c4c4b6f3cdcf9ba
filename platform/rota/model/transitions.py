"""What the end of an attempt means for its job: the one table of (outcome, why it was stopped) -> next state.

Pure. The dispatcher asks it for live attempts, the rescuer for lost ones; the arrows in docs/states.md are compared
with it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from rota.model.outcome import End, ErrorInfo, Outcome
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.values import Json

TRANSITIONS = {
    State.QUEUED: {State.RUNNING, State.CANCELLED},
    State.RUNNING: {State.COMPLETED, State.FAILED, State.CANCELLED, State.WAITING},
    State.WAITING: {State.RUNNING, State.CANCELLED},
    State.COMPLETED: set(),
    State.FAILED: set(),
    State.CANCELLED: set(),
}
"""Every arrow there is."""


class Stop(StrEnum):
    """Why an attempt was told to stop. The value is the reason that its job shows."""

    REQUEST = "cancelled on request"
    COMPLETION = "its completion time was reached"
    TIMEOUT = "timed out"
    SHUTDOWN = "handed back by a stopping engine"


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """Where a job goes after an attempt. `due_at` is set for WAITING; `restarts` counts the restarts spent so far."""

    state: State
    reason: str | None = None
    restarts: int
    due_at: datetime | None = None
    result: Json = None
    error: ErrorInfo | None = None


def after_attempt(
    outcome: Outcome,
    *,
    retry: RetryPolicy,
    restarts: int,
    now: datetime,
    stop: Stop | None = None,
    spread: float = 0.0,
) -> Next:
    """The next state of a job whose attempt ended with `outcome`, `restarts` of its restarts being spent.

    `stop` is why the engine told the attempt to stop, if it did. A method that returned has completed, whatever was
    asked of it meanwhile; a cancellation is never restarted; a hand-back spends no restart.
    """
    if outcome.end is End.RETURNED:
        return Next(state=State.COMPLETED, restarts=restarts, result=outcome.result)
    if stop in {Stop.REQUEST, Stop.COMPLETION}:
        return Next(state=State.CANCELLED, reason=str(stop), restarts=restarts, error=outcome.error)
    if stop is Stop.SHUTDOWN and outcome.end in {End.STOPPED, End.DIED}:
        return Next(state=State.WAITING, reason=str(stop), restarts=restarts, due_at=now)
    return _after_failure(outcome, retry=retry, restarts=restarts, now=now, stop=stop, spread=spread)


def _after_failure(
    outcome: Outcome, *, retry: RetryPolicy, restarts: int, now: datetime, stop: Stop | None, spread: float
) -> Next:
    reason = _failure_reason(outcome, stop)
    final = (outcome.error is not None and outcome.error.permanent) or (stop is Stop.TIMEOUT and not retry.on_timeout)
    if final or restarts >= retry.count:
        return Next(state=State.FAILED, reason=reason, restarts=restarts, error=outcome.error)
    return Next(
        state=State.WAITING,
        reason=reason,
        restarts=restarts + 1,
        due_at=now + retry.delay(restarts + 1, spread),
        error=outcome.error,
    )


def _failure_reason(outcome: Outcome, stop: Stop | None) -> str:
    if stop is Stop.TIMEOUT:
        return str(stop)
    if outcome.end is End.LOST:
        return "lost"
    return str(outcome.error) if outcome.error else str(outcome.end)
