"""Passes whose claims may stand though they failed: how long they are looked for. What comes of it: test_dispatcher."""

from __future__ import annotations

from datetime import timedelta

from rota.engine.doubts import DOUBT_SECONDS, Doubts
from rota.testing import SettableClock
from tests.support.stored import NOW, SECOND


def test_a_pass_is_in_doubt_until_it_is_known_what_came_of_it() -> None:
    doubts = Doubts(SettableClock(NOW))
    assert not doubts
    doubts.begin(NOW)
    doubts.begin(NOW + SECOND)
    doubts.end({NOW})
    assert doubts
    doubts.end({NOW + SECOND, None})
    assert not doubts


def test_a_pass_is_looked_for_as_long_as_its_statement_may_still_commit() -> None:
    clock = SettableClock(NOW)
    doubts = Doubts(clock)
    doubts.begin(NOW)
    clock.advance(timedelta(seconds=DOUBT_SECONDS - 1))
    doubts.begin(NOW + SECOND)
    doubts.end({NOW + SECOND})
    assert doubts
    clock.advance(timedelta(seconds=2))
    doubts.begin(NOW + 2 * SECOND)
    doubts.end({NOW + 2 * SECOND})
    assert not doubts
