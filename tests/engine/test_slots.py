"""Slots: taken by attempts, lent by those that wait, and given back before anything new begins."""

from __future__ import annotations

import pytest

from rota.engine.slots import Slots
from rota.model.attempt import Attempt, AttemptId

LIMIT = 1


def attempt(job: str) -> AttemptId:
    return Attempt(job=job, number=1, name=job).id


A, B, C = attempt("a"), attempt("b"), attempt("c")


def nothing() -> None: ...


@pytest.fixture
def slots() -> Slots:
    slots = Slots()
    slots.take(A, "thread")
    return slots


def test_a_slot_is_taken_until_its_attempt_ends(slots: Slots) -> None:
    assert (slots.busy("thread"), slots.busy("process"), slots.holds(A)) == (1, 0, True)
    assert slots.free(A) is None
    assert (slots.busy("thread"), slots.holds(A)) == (0, False)
    with pytest.raises(KeyError):
        slots.free(A)


def test_what_is_lent_is_free_and_is_taken_back_where_nobody_took_it(slots: Slots) -> None:
    assert slots.may_lend(A)
    assert slots.lend(A) is None
    assert (slots.busy("thread"), slots.may_lend(A), slots.holds(A)) == (0, False, True)
    assert slots.take_back(A, LIMIT, nothing)
    assert slots.busy("thread") == 1
    assert slots.take_back(A, LIMIT, nothing), "it has it already"
    assert slots.busy("thread") == 1


def test_whoever_wants_a_slot_back_gets_the_next_free_one_in_turn(slots: Slots) -> None:
    slots.lend(A)
    slots.take(B, "thread")
    slots.lend(B)
    slots.take(C, "thread")

    def a_goes_on() -> None: ...
    def b_goes_on() -> None: ...

    assert not slots.take_back(A, LIMIT, a_goes_on)
    assert not slots.take_back(B, LIMIT, b_goes_on)
    assert slots.lend(C) is a_goes_on
    assert slots.free(A) is b_goes_on
    assert slots.busy("thread") == 1


def test_an_attempt_that_ends_while_it_wants_its_slot_back_is_passed_over(slots: Slots) -> None:
    slots.lend(A)
    slots.take(B, "thread")
    assert not slots.take_back(A, LIMIT, nothing)
    assert slots.free(A) is None
    assert slots.busy("thread") == 1
    assert slots.free(B) is None
    assert slots.busy("thread") == 0
