"""The settable clock: time passes, or the wall clock is set, and never both by accident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from rota.testing import SettableClock


def test_it_stands_still_until_it_is_moved() -> None:
    clock = SettableClock()
    assert (clock.now(), clock.monotonic()) == (clock.now(), clock.monotonic())


def test_time_passes_on_both_hands() -> None:
    clock = SettableClock()
    before, mark = clock.now(), clock.monotonic()
    assert clock.advance(timedelta(hours=1)) == before + timedelta(hours=1)
    clock.advance(0.5)
    assert clock.monotonic() - mark == 3600.5
    assert clock.set(before + timedelta(hours=2)) == before + timedelta(hours=2)
    assert clock.monotonic() - mark == 7200


@pytest.mark.parametrize("hours", [-5, 5])
def test_the_wall_clock_can_be_set_while_no_time_passes(hours: int) -> None:
    clock = SettableClock()
    before, mark = clock.now(), clock.monotonic()
    assert clock.step(timedelta(hours=hours)) == before + timedelta(hours=hours)
    assert clock.monotonic() == mark


def test_time_does_not_pass_backwards() -> None:
    clock = SettableClock()
    with pytest.raises(ValueError, match="use step"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="use step"):
        clock.set(clock.now() - timedelta(seconds=1))


def test_instants_are_aware_and_in_utc() -> None:
    clock = SettableClock(datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 1, 1, 10, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        SettableClock(datetime(2026, 1, 1))  # noqa: DTZ001 -- what is refused
