"""The registry of executors."""

from __future__ import annotations

import pytest

from rota.executors.registry import KINDS, make
from tests.support.recorder import now


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_made_with_a_number_of_slots_or_without(kind: str) -> None:
    for workers, slots in ((3, 3), (None, KINDS[kind].default_slots)):
        executor = make(kind, workers, now)
        assert executor.slots == slots
        executor.close()


def test_there_are_at_least_two_workers_and_many_threads() -> None:
    assert KINDS["process"].default_slots >= 2
    assert KINDS["thread"].default_slots == 128


def test_another_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        make("telepathy", None, now)
