"""A scheduled job's place in time when it gets a schedule or is switched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rota.model.timing import Timing, next_start, timing_from
from rota.schedule import Schedule

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURLY = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 3600})


def test_a_job_in_use_is_looked_at_at_its_next_start() -> None:
    timing = timing_from(NOW + timedelta(seconds=1), HOURLY, use=True)
    assert timing.active_since == NOW + timedelta(seconds=1)
    assert timing.next_start == timing.look_at
    assert timing.next_start is not None
    assert timing.next_start >= timing.active_since


def test_a_start_at_this_very_instant_counts() -> None:
    aligned = timing_from(NOW, HOURLY, use=True)
    assert aligned.look_at == NOW
    assert aligned.considered < NOW


@pytest.mark.parametrize(("schedule", "use"), [(HOURLY, False), (None, True), (None, False)])
def test_a_job_without_schedule_or_use_is_not_looked_at(schedule: Schedule | None, use: bool) -> None:
    microsecond = timedelta(microseconds=1)
    assert timing_from(NOW, schedule, use=use) == Timing(
        active_since=NOW, considered=NOW - microsecond, next_start=None, look_at=None
    )


def test_the_next_start_is_later_than_the_last() -> None:
    first = next_start(NOW, NOW, HOURLY)
    assert first is not None
    assert first > NOW
    second = next_start(first, NOW, HOURLY)
    assert second == first + HOUR
    assert next_start(NOW, NOW, None) is None
