"""The attempts of a node: reports are kept in order until they are stored, output is bounded, slots are counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.engine import live as live_module
from rota.engine.live import LiveAttempts
from rota.executors.failing import FailingExecutor
from rota.model.attempt import Attempt, AttemptId
from rota.model.background_job import Lease
from rota.model.outcome import End, Outcome
from rota.model.retry import RetryPolicy
from rota.testing import SettableClock

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DONE = Outcome(end=End.RETURNED)


class Calls:
    def __init__(self) -> None:
        self.ends = 0
        self.records = 0


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def lives(calls: Calls) -> LiveAttempts:
    def on_end() -> None:
        calls.ends += 1

    def on_record() -> None:
        calls.records += 1

    return LiveAttempts(SettableClock(), on_end=on_end, on_record=on_record)


def lease(job: str = "job", queue: str = "thread", **facts: Any) -> Lease:
    values: dict[str, Any] = {
        "sequence": 1,
        "attempt": Attempt(job=job, number=1, name="job", method="m:f"),
        "configuration": None,
        "queue": queue,
        "retry": RetryPolicy(),
        "restarts": 0,
        "timeout": None,
        "begin_at": NOW,
        "claimed_at": NOW,
        "stop_at": None,
        "completion_interval": None,
        "scheduled_job": None,
    }
    return Lease(**{**values, **facts})


@pytest.fixture
def add(lives: LiveAttempts) -> Callable[..., AttemptId]:
    executor = FailingExecutor(1, SettableClock().now)
    executor.close()

    def add(job: str = "job", **facts: Any) -> AttemptId:
        return lives.add(lease(job, **facts), "node", executor).id

    return add


def test_busy_slots_are_counted_until_the_attempt_has_ended(
    lives: LiveAttempts, add: Callable[..., AttemptId], calls: Calls
) -> None:
    first, second = add("a"), add("b")
    add("c", queue="process")
    assert (lives.busy("thread"), lives.busy("process"), lives.busy("none")) == (2, 1, 0)
    lives.ended(first, NOW, DONE)
    assert (lives.busy("thread"), len(lives), calls.ends) == (1, 3, 1)
    lives.drop_all()
    assert lives.busy("thread") == 1  # it still runs
    lives.ended(second, NOW, DONE)
    assert lives.busy("thread") == 0
    assert not lives.take_reported()


def test_what_could_not_be_stored_comes_before_what_came_later(
    lives: LiveAttempts, add: Callable[..., AttemptId]
) -> None:
    attempt, other = add("a"), add("b")
    lives.emitted(attempt, "output", NOW, 1)
    lives.ended(attempt, NOW, DONE)
    taken = lives.take_reported()
    lives.emitted(other, "output", NOW, 2)
    lives.ended(other, NOW, DONE)
    lives.give_back(taken)
    again = lives.take_reported()
    assert [each.data for each in again.emitted] == [1, 2]
    assert [each.live.id for each in again.ended] == [attempt, other]
    assert not lives.take_reported()


def test_the_first_record_after_a_pass_asks_for_the_next(
    lives: LiveAttempts, add: Callable[..., AttemptId], calls: Calls
) -> None:
    attempt = add()
    for number in range(5):
        lives.emitted(attempt, "output", NOW, number)
    assert calls.records == 1
    lives.take_reported()
    lives.emitted(attempt, "output", NOW, 6)
    assert calls.records == 2


def test_output_is_bounded_with_one_record_that_says_so(
    lives: LiveAttempts, add: Callable[..., AttemptId], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "OUTPUT_LIMIT", 100)
    attempt, other = add("a"), add("b")
    for _ in range(20):
        lives.emitted(attempt, "stdout", NOW, "x" * 30)
    lives.emitted(other, "output", NOW, {"whole": True})
    emitted = lives.take_reported().emitted
    assert [(each.live.id, each.stream) for each in emitted] == [(attempt, "stdout")] * 3 + [
        (attempt, "event"),
        (other, "output"),
    ]
    assert emitted[3].data == {"event": "truncated", "limit": 100}


def test_what_is_reported_of_a_dropped_attempt_does_not_count(
    lives: LiveAttempts, add: Callable[..., AttemptId]
) -> None:
    attempt = add()
    lives.emitted(attempt, "output", NOW, 1)
    assert [each.id for each in lives.drop_all()] == [attempt]
    lives.began(attempt, NOW, 1)
    lives.emitted(attempt, "output", NOW, 2)
    lives.ended(attempt, NOW, DONE)
    assert not lives.take_reported()


def test_somebody_who_waits_for_none_is_told(lives: LiveAttempts, add: Callable[..., AttemptId]) -> None:
    add()
    assert not lives.wait_until_none(0)
    told = threading.Event()

    def tell_when_none() -> None:
        if lives.wait_until_none(30):
            told.set()

    waiting = threading.Thread(target=tell_when_none)
    waiting.start()
    lives.remove(lives.all())
    assert told.wait(30)
    waiting.join()
    assert lives.wait_until_none(0)


@pytest.mark.parametrize(
    ("stop_at", "interval", "expected"),
    [
        (None, None, None),
        (NOW + timedelta(hours=1), None, NOW + timedelta(hours=1)),
        (None, 60, NOW + timedelta(seconds=60)),
        (NOW + timedelta(hours=1), 60, NOW + timedelta(seconds=60)),
        (NOW + timedelta(seconds=5), 60, NOW + timedelta(seconds=5)),
    ],
)
def test_the_earlier_completion_counts(
    lives: LiveAttempts, add: Callable[..., AttemptId], stop_at: Any, interval: Any, expected: Any
) -> None:
    add(stop_at=stop_at, completion_interval=interval)
    assert lives.all()[0].completion_instant == expected
