"""What a method sees of its children, and how a question travels, in threads and in worker processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rota.executors.offspring import Child, WaitResult, start_children, wait_for_children
from rota.executors.scope import Scope
from rota.model.attempt import Answer, Attempt
from rota.model.errors import BadParameters, JobCancelled, UnknownMethod
from tests.support.beside import Side
from tests.support.sides import METHODS, closing, make_side
from tests.support.sides import Side as ExecutorSide
from tests.support.waiting import wait_for

ATTEMPT = Attempt(job="parent", number=1, name="parent")


def scope_of(answers: list[object]) -> tuple[Scope, list[object]]:
    """A scope whose questions are answered at once, one after the other."""
    asked: list[object] = []

    def ask(question: object, answer: Answer) -> None:
        asked.append(question)
        answer(answers.pop(0))  # type: ignore[arg-type]

    return Scope(ATTEMPT, lambda _stream, _data: None, ask=ask), asked


def test_parameters_are_checked_where_the_code_is() -> None:
    scope, asked = scope_of([{"answer": {"path": [METHODS]}}] * 3)
    with pytest.raises(UnknownMethod, match="did you mean add"):
        start_children(scope, "job_methods:ad", [[1]], retry=None, delay=None)
    for wrong in (["one"], "text"):
        with pytest.raises(BadParameters):
            start_children(scope, "job_methods:add", [wrong], retry=None, delay=None)
    assert len(asked) == 3, "none was started"


def test_a_wait_brings_the_children_up_to_date() -> None:
    seen = {
        "id": "b",
        "name": "b",
        "state": "failed",
        "reason": "no",
        "result": None,
        "error": {"type": "E", "message": "no"},
    }
    scope, asked = scope_of([{"answer": [seen, {**seen, "id": "a", "state": "running", "error": None}]}])
    first, second = Child(scope, "a"), Child(scope, "b")
    waited = wait_for_children(scope, [first, second, first], timeout=1.0, any_=False)
    assert (waited.done, waited.pending, waited.timed_out) == ((second,), (first,), True)
    assert second.error is not None
    assert (second.state, second.error.type, first.state) == ("failed", "E", "running")
    assert asked == [{"ask": "wait", "jobs": ["a", "b"], "timeout": 1.0, "any": False}]
    assert isinstance(wait_for_children(scope, [], timeout=None, any_=True), WaitResult)


def test_who_waits_for_an_answer_is_woken_when_told_to_stop() -> None:
    asked: list[object] = []
    scope = Scope(ATTEMPT, lambda _stream, _data: None, ask=lambda question, _answer: asked.append(question))
    waiting = Side(lambda: scope.ask({"ask": "wait"}))
    wait_for(lambda: asked)
    scope.cancel()
    with pytest.raises(JobCancelled):
        waiting.result()


def test_outside_an_engine_nothing_can_be_asked() -> None:
    with pytest.raises(RuntimeError, match="cannot be asked"):
        Scope(ATTEMPT, lambda _stream, _data: None).ask({"ask": "home"})


@pytest.fixture(params=["thread", "process"])
def side(request: pytest.FixtureRequest) -> Iterator[ExecutorSide]:
    with closing(make_side(request.param, 1)) as side:
        yield side


def test_a_paused_attempt_lends_its_slot_and_gets_it_back(side: ExecutorSide) -> None:
    waits = side.start("wait willingly")
    side.recorder.wait_for_text(waits, "ready")
    second = side.start("succeed")
    side.executor.pause(waits)
    side.recorder.wait_for_end(second)
    assert waits not in side.recorder.outcomes
    side.executor.resume(waits)
    third = side.start("succeed")
    side.executor.cancel(waits)
    side.recorder.wait_for_end(waits, third)
