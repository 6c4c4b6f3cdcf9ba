"""Unions: several schedules as one, equal starts merged."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Any

from rota.schedule import Occurrence, Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def occurrences(*members: Any, count: int) -> list[Occurrence]:
    return Schedule.parse(list(members)).next_occurrences(at("2026-06-01T00:30"), count, at("2026-06-01"))


def test_starts_come_in_order_whatever_member_they_are_of() -> None:
    daily = {"days_repeat_period": 1, "begin_time": "09:00"}
    found = occurrences("0 17 * * *", daily, "0 12 * * *", count=4)
    assert [f"{each.start:%d %H}" for each in found] == ["01 09", "01 12", "01 17", "02 09"]


def test_members_keep_their_zones() -> None:
    berlin = {"days_repeat_period": 1, "begin_time": "09:00", "timezone": "Europe/Berlin"}
    tokyo = {**berlin, "timezone": "Asia/Tokyo"}
    assert [f"{each.start:%d %H}" for each in occurrences(berlin, tokyo, count=3)] == ["01 07", "02 00", "02 07"]


def test_of_equal_starts_the_one_that_closes_last_stands_for_all() -> None:
    brief = {"days_repeat_period": 1, "begin_time": "09:00", "start_within": "1h", "repeat_pause": 10}
    patient = {"days_repeat_period": 1, "begin_time": "09:00", "end_time": "17:00", "completion_time": "18:00"}
    for members in ((brief, patient), (patient, brief)):
        [found] = occurrences(*members, count=1)
        assert found == Occurrence(at("2026-06-01T09:00"), 8 * 3600, 9 * 3600, 0, None)
        assert (found.closes_at, found.stop_at) == (at("2026-06-01T17:00"), at("2026-06-01T18:00"))


def test_of_equals_in_that_too_the_first_listed_does() -> None:
    first = {"days_repeat_period": 1, "begin_time": "09:00", "completion_interval": 60}
    second = {"days_repeat_period": 1, "begin_time": "09:00", "completion_interval": 90}
    assert occurrences(first, second, count=1)[0].completion_interval == 60
    assert occurrences(second, first, count=1)[0].completion_interval == 90


def test_a_member_without_active_since_counts_from_its_own_begin_date() -> None:
    old = {"days_repeat_period": 3, "begin_date": "2026-05-30"}
    new = {"days_repeat_period": 3, "begin_time": "12:00"}
    found = Schedule.parse([old, new]).next_occurrences(at("2026-06-01T00:30"), 3)
    assert [f"{each.start:%d %H}" for each in found] == ["01 12", "02 00", "04 12"]


def test_it_is_lazy() -> None:
    union = Schedule.parse([{"days_repeat_period": 1, "repeat_period_in_day": 1}, "* * * * *"])
    found = list(islice(union.occurrences(at("2026-06-01T00:00")), 3))
    assert [each.start.second for each in found] == [1, 2, 3]


def test_members_that_are_over_do_not_end_it() -> None:
    over = {"days_repeat_period": 1, "end_date": "2026-06-01"}
    assert len(occurrences(over, "@daily", count=5)) == 5
