"""The window of a run day: when it opens, how often, when it closes, also where clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rota.schedule.daily_window import DailyWindow
from rota.schedule.zones import EPOCH_DAY, zone

HOUR = 3600
BERLIN = zone("Europe/Berlin")
ORDINARY = date(2026, 5, 4)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def opened(day: date, **values: Any) -> tuple[list[str], str, str | None]:
    """The starts, the last second and the completion instant of the window of a day in Berlin, in UTC."""
    count = EPOCH_DAY + (day - date(1970, 1, 1)).days
    [window] = DailyWindow(**values).opened(count, BERLIN)
    starts = [text(window.base + offset) for offset in window.offsets]
    return starts, text(window.last), None if window.stop is None else text(window.stop)


def text(instant: int) -> str:
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=instant):%d %H:%M:%S}"


def test_without_an_end_it_is_open_to_the_end_of_the_day() -> None:
    assert opened(ORDINARY, begin_time=9 * HOUR) == (["04 07:00:00"], "04 21:59:59", None)


def test_an_end_before_the_beginning_is_one_of_the_next_day() -> None:
    night = DailyWindow(begin_time=22 * HOUR, end_time=6 * HOUR)
    assert night.crosses_midnight
    assert not DailyWindow(begin_time=6 * HOUR, end_time=6 * HOUR).crosses_midnight
    assert opened(ORDINARY, begin_time=22 * HOUR, end_time=6 * HOUR) == (["04 20:00:00"], "05 04:00:00", None)


def test_a_period_counts_from_the_opening_through_the_last_second() -> None:
    starts, last, _ = opened(ORDINARY, begin_time=9 * HOUR, end_time=11 * HOUR, repeat_period_in_day=HOUR)
    assert (starts, last) == (["04 07:00:00", "04 08:00:00", "04 09:00:00"], "04 09:00:00")


def test_a_pause_without_a_period_counts_as_the_period() -> None:
    window = {"begin_time": 9 * HOUR, "end_time": 10 * HOUR, "repeat_pause": 1800}
    assert opened(ORDINARY, **window) == opened(ORDINARY, **window, repeat_period_in_day=1800)
    assert DailyWindow(**window).follows_runs
    assert not DailyWindow(**window, repeat_period_in_day=1800).follows_runs


def test_nothing_starts_from_the_completion_on() -> None:
    assert opened(ORDINARY, begin_time=9 * HOUR, completion_time=10 * HOUR, repeat_period_in_day=1800) == (
        ["04 07:00:00", "04 07:30:00"],
        "04 07:59:59",
        "04 08:00:00",
    )


@pytest.mark.parametrize(
    ("day", "count"), [(ORDINARY, 24), (SPRING, 23), (AUTUMN, 25)], ids=["ordinary", "spring", "autumn"]
)
def test_a_day_has_as_many_hours_as_it_has(day: date, count: int) -> None:
    starts, _, _ = opened(day, repeat_period_in_day=HOUR)
    assert len(starts) == count


def test_an_opening_in_the_gap_is_at_its_end() -> None:
    assert opened(SPRING, begin_time=2 * HOUR + 1800, end_time=4 * HOUR)[0] == ["29 01:00:00"]


def test_only_what_differs_from_the_defaults_is_data() -> None:
    assert DailyWindow().to_data() == {}
    assert DailyWindow(begin_time=9 * HOUR, end_time=0, repeat_pause=60).to_data() == {
        "begin_time": "09:00",
        "end_time": "00:00",
        "repeat_pause": 60,
    }


def test_what_opens_on_each_day_carries_the_windows_limits() -> None:
    daily = DailyWindow(begin_time=HOUR, repeat_pause=60, completion_interval=90).daily(BERLIN, 30)
    assert (daily.start_within, daily.repeat_pause, daily.completion_interval) == (30, 60, 90)
    assert daily.follows_runs
    assert DailyWindow().daily(BERLIN, None).completion_interval is None
