"""Datetimes and the whole seconds, or microseconds, since 1970 that stand for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.schedule.instants import ceiling, floor, from_microseconds, microseconds, since_epoch
from tests.schedule.drawn import steady

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ANY = st.datetimes(timezones=st.just(UTC))


@steady
@given(ANY)
def test_an_instant_lies_between_its_seconds(instant: datetime) -> None:
    assert timedelta(seconds=floor(instant)) <= instant - EPOCH <= timedelta(seconds=ceiling(instant))
    assert ceiling(instant) - floor(instant) == (instant.microsecond > 0)


@steady
@given(ANY)
def test_microseconds_lose_nothing(instant: datetime) -> None:
    assert from_microseconds(microseconds(instant)) == instant


def test_instants_of_any_zone_are_counted_alike() -> None:
    noon = datetime(2026, 5, 4, 12, 0, 0, 1, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=-9, minutes=-30)))
    assert (floor(there), ceiling(there), microseconds(there)) == (floor(noon), ceiling(noon), microseconds(noon))


@pytest.mark.parametrize("count", [since_epoch, microseconds, floor, ceiling])
def test_an_instant_without_a_zone_is_refused(count: Callable[[datetime], object]) -> None:
    with pytest.raises(ValueError, match="2026-05-04 12:00:00 has no time zone"):
        count(datetime(2026, 5, 4, 12, 0))  # noqa: DTZ001 -- what is refused


@pytest.mark.parametrize("value", [10**18, -(10**18), 10**30])
def test_beyond_the_calendar_there_is_no_instant(value: int) -> None:
    assert from_microseconds(value) is None
