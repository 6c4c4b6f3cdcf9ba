"""Windows and their occurrences: midnight, completion, lateness, days of 23 and 25 hours, several windows a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rota.schedule import Occurrence, Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def occurrences(data: dict[str, Any], after: str, count: int) -> list[Occurrence]:
    """The next occurrences of an everyday calendar that is long active."""
    schedule = Schedule.parse({"days_repeat_period": 1, **data})
    return schedule.next_occurrences(at(after), count, at("2000-01-01"))


def starts(data: dict[str, Any], after: str, count: int) -> list[str]:
    return [f"{each.start:%d %H:%M}" for each in occurrences(data, after, count)]


class TestWindow:
    def test_repeats_include_the_end_time(self) -> None:
        data = {"begin_time": "01:00", "end_time": "03:00", "repeat_period_in_day": 3600}
        assert starts(data, "2026-06-01", 4) == ["01 01:00", "01 02:00", "01 03:00", "02 01:00"]

    def test_without_an_end_time_it_closes_with_the_day(self) -> None:
        [first] = occurrences({"begin_time": "09:00"}, "2026-06-01", 1)
        assert first.closes_at == at("2026-06-01T23:59:59")

    def test_repeats_go_on_to_the_last_second_of_the_day(self) -> None:
        found = starts({"begin_time": "23:00", "repeat_period_in_day": 3599}, "2026-06-01", 3)
        assert found == ["01 23:00", "01 23:59", "02 23:00"]

    def test_a_period_longer_than_the_window_repeats_nothing(self) -> None:
        assert starts({"repeat_period_in_day": 86_400}, "2026-06-01", 2) == ["02 00:00", "03 00:00"]

    def test_across_midnight_it_belongs_to_the_day_on_which_it_opened(self) -> None:
        data = {"week_days": [5], "begin_time": "22:00", "end_time": "02:00", "repeat_period_in_day": "2h"}
        assert starts(data, "2026-06-01", 4) == ["05 22:00", "06 00:00", "06 02:00", "12 22:00"]

    def test_across_midnight_a_preview_may_begin_in_the_middle(self) -> None:
        data = {"week_days": [5], "begin_time": "22:00", "end_time": "02:00", "repeat_period_in_day": "2h"}
        assert starts(data, "2026-06-06T00:00", 1) == ["06 02:00"]

    def test_end_date_bounds_openings_only(self) -> None:
        data = {"end_date": "2026-06-01", "begin_time": "22:00", "end_time": "02:00", "repeat_period_in_day": "2h"}
        assert starts(data, "2026-06-01T12:00", 9) == ["01 22:00", "02 00:00", "02 02:00"]

    def test_a_late_start_is_bounded_by_start_within(self) -> None:
        data = {"begin_time": "23:50", "start_within": "15m", "repeat_period_in_day": "7m"}
        closings = [f"{each.closes_at:%d %H:%M:%S}" for each in occurrences(data, "2026-06-01", 2)]
        assert closings == ["01 23:59:59", "01 23:59:59"]
        [first] = occurrences({"begin_time": "09:00", "start_within": 0}, "2026-06-01", 1)
        assert first.closes_at == first.start

    def test_an_occurrence_carries_its_pause_and_its_interval(self) -> None:
        [first] = occurrences({"repeat_pause": 90, "completion_interval": "2h"}, "2026-06-01", 1)
        assert (first.repeat_pause, first.completion_interval) == (90, 7200)
        [first] = occurrences({}, "2026-06-01", 1)
        assert (first.repeat_pause, first.completion_interval) == (0, None)


class TestCompletion:
    def test_nothing_starts_at_or_after_it(self) -> None:
        data = {"begin_time": "09:00", "repeat_period_in_day": "1h", "completion_time": "11:00"}
        found = occurrences(data, "2026-06-01", 3)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["01 09:00", "01 10:00", "02 09:00"]
        assert {each.stop_at for each in found[:2]} == {at("2026-06-01T11:00")}
        assert {each.closes_at for each in found[:2]} == {at("2026-06-01T10:59:59")}

    def test_before_the_opening_it_is_on_the_next_day(self) -> None:
        [first] = occurrences({"begin_time": "20:00", "completion_time": "06:00"}, "2026-06-01", 1)
        assert first.stop_at == at("2026-06-02T06:00")
        assert first.closes_at == at("2026-06-01T23:59:59")

    def test_at_the_opening_it_is_on_the_next_day(self) -> None:
        [first] = occurrences({"begin_time": "20:00", "completion_time": "20:00"}, "2026-06-01", 1)
        assert first.stop_at == at("2026-06-02T20:00")

    def test_it_may_follow_the_end_of_the_window(self) -> None:
        data = {"begin_time": "20:00", "end_time": "22:00", "completion_time": "06:00"}
        [first] = occurrences(data, "2026-06-01", 1)
        assert (first.closes_at, first.stop_at) == (at("2026-06-01T22:00"), at("2026-06-02T06:00"))


class TestClockChanges:
    @pytest.mark.parametrize(
        ("zone", "day", "count"),
        [
            ("Europe/Berlin", "2026-03-29", 23),
            ("Europe/Berlin", "2026-10-25", 25),
            ("Europe/Berlin", "2026-06-01", 24),
            ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25),
            ("Australia/Lord_Howe", "2026-10-04", 24),  # 23 hours and a half: the last one is half an hour long
            ("Australia/Lord_Howe", "2026-04-05", 25),
            ("America/Nuuk", "2026-03-28", 23),
        ],
    )
    def test_hourly_counts_elapsed_hours(self, zone: str, day: str, count: int) -> None:
        data = {"repeat_period_in_day": 3600, "begin_date": day, "end_date": day, "timezone": zone}
        found = occurrences(data, "2026-01-01", 99)
        assert len(found) == count
        assert {b.start - a.start for a, b in pairwise(found)} == {timedelta(hours=1)}

    @pytest.mark.parametrize(
        ("zone", "day", "begin_time", "expected"),
        [
            ("Europe/Berlin", "2026-03-29", "02:30", "03:00"),
            ("Europe/Berlin", "2026-10-25", "02:30", "02:30"),
            ("America/New_York", "2026-03-08", "02:30", "03:00"),
            ("Australia/Lord_Howe", "2026-10-04", "02:15", "02:30"),
        ],
    )
    def test_daily_starts_once_whatever_the_clock_does(
        self, zone: str, day: str, begin_time: str, expected: str
    ) -> None:
        data = {"begin_time": begin_time, "begin_date": day, "end_date": day, "timezone": zone}
        [only] = occurrences(data, "2026-01-01", 9)
        local = only.start.astimezone(ZoneInfo(zone))
        assert f"{local:%Y-%m-%d %H:%M}" == f"{day} {expected}"
        assert local.fold == 0

    def test_a_day_that_was_left_out_has_no_run(self) -> None:
        found = starts({"begin_time": "09:00", "timezone": "Pacific/Apia"}, "2011-12-29T00:00", 3)
        assert found == ["29 19:00", "30 19:00", "31 19:00"]  # on 29, 31 December and 1 January

    def test_a_window_into_the_day_that_was_left_out_ends_with_the_gap(self) -> None:
        data = {"begin_time": "20:00", "end_time": "08:00", "repeat_period_in_day": "2h", "timezone": "Pacific/Apia"}
        found = occurrences(data, "2011-12-30T05:00", 4)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["30 06:00", "30 08:00", "30 10:00", "31 06:00"]
        assert {each.closes_at for each in found[:3]} == {at("2011-12-30T10:00")}

    def test_a_gap_up_to_midnight_loses_no_run(self) -> None:
        data = {"begin_time": "23:30", "timezone": "America/Nuuk"}
        found = occurrences(data, "2026-03-28T12:00", 2)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["29 01:00", "30 00:30"]
        assert found[0].closes_at == found[0].start

    def test_its_completion_is_after_the_opening_all_the_same(self) -> None:
        data = {"begin_time": "23:30", "completion_time": "00:00", "timezone": "America/Nuuk"}
        [first] = occurrences(data, "2026-03-28T12:00", 1)
        assert first.stop_at == at("2026-03-30T01:00")

    def test_a_window_within_a_gap_is_open_for_its_last_instant(self) -> None:
        data = {"begin_time": "02:15", "end_time": "02:45", "repeat_period_in_day": 60, "timezone": "Europe/Berlin"}
        found = occurrences(data, "2026-03-28T12:00", 2)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["29 01:00", "30 00:15"]

    def test_windows_that_meet_in_a_gap_share_no_start(self) -> None:
        data = {
            "begin_time": "02:45", "end_time": "02:15", "repeat_period_in_day": 900, "timezone": "Europe/Berlin",
        }  # fmt: skip
        found = occurrences(data, "2026-03-29T00:30", 3)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["29 00:45", "29 01:00", "29 01:15"]
        assert found[1].closes_at == at("2026-03-30T00:15")
        alone = {**data, "week_days": [6]}  # Sunday's window does not open, so the start is Saturday's
        assert starts(alone, "2026-03-29T00:30", 3) == ["29 00:45", "29 01:00", "04 00:45"]

    def test_an_end_time_that_is_shown_twice_is_the_first(self) -> None:
        data = {"begin_time": "01:30", "end_time": "02:30", "repeat_period_in_day": 1800, "timezone": "Europe/Berlin"}
        found = starts(data, "2026-10-24T12:00", 4)
        assert found == ["24 23:30", "25 00:00", "25 00:30", "26 00:30"]


class TestDetailedDailySchedules:
    def test_each_opens_a_window(self) -> None:
        data = {"detailed_daily_schedules": [{"begin_time": "15:00"}, {"begin_time": "09:00"}]}
        assert starts(data, "2026-06-01", 3) == ["01 09:00", "01 15:00", "02 09:00"]

    def test_each_has_its_own_rules(self) -> None:
        windows = [
            {"begin_time": "08:00", "end_time": "10:00", "repeat_period_in_day": "1h", "repeat_pause": "5m"},
            {"begin_time": "18:00", "completion_interval": "30m", "completion_time": "19:00"},
        ]
        found = occurrences({"detailed_daily_schedules": windows}, "2026-06-01", 4)
        assert [f"{each.start:%H:%M}" for each in found] == ["08:00", "09:00", "10:00", "18:00"]
        assert [each.repeat_pause for each in found] == [300, 300, 300, 0]
        assert [each.completion_interval for each in found] == [None, None, None, 1800]
        assert found[3].stop_at == at("2026-06-01T19:00")

    def test_equal_starts_are_one(self) -> None:
        windows = [
            {"begin_time": "08:00", "end_time": "10:00", "repeat_period_in_day": "1h"},
            {"begin_time": "09:00", "end_time": "12:00", "repeat_period_in_day": "90m"},
        ]
        found = occurrences({"detailed_daily_schedules": windows}, "2026-06-01", 5)
        assert [f"{each.start:%H:%M}" for each in found] == ["08:00", "09:00", "10:00", "10:30", "12:00"]
        assert found[1].closes_at == at("2026-06-01T12:00")
