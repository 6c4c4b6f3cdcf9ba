"""Warnings: what is legal and probably not meant."""

from __future__ import annotations

from typing import Any

import pytest

from rota.schedule import Schedule

E = {"days_repeat_period": 1}


@pytest.mark.parametrize(
    ("data", "path", "code", "hint"),
    [
        ({"begin_time": "09:00"}, ("days_repeat_period",), "single-day", "write days_repeat_period: 1"),
        (E | {"week_day_in_month": 2}, ("week_day_in_month",), "week-day-in-month-of-any-week-day", "name the weekday"),
        (E | {"day_in_month": 31}, ("day_in_month",), "short-months", "-1 is the last day"),
        (E | {"day_in_month": -30}, ("day_in_month",), "short-months", None),
        (E | {"day_in_month": 30, "months": [1, 3]}, None, None, None),
        (E | {"repeat_period_in_day": "25h"}, ("repeat_period_in_day",), "never-repeats", None),
        (
            E | {"begin_time": "09:00", "end_time": "10:00", "repeat_period_in_day": "61m"},
            ("repeat_period_in_day",),
            "never-repeats",
            None,
        ),
        (E | {"begin_time": "09:00", "end_time": "10:00", "repeat_period_in_day": "1h"}, None, None, None),
        (
            E | {"detailed_daily_schedules": [{}, {"begin_time": "23:00", "repeat_period_in_day": "2h"}]},
            ("detailed_daily_schedules", 1, "repeat_period_in_day"),
            "never-repeats",
            None,
        ),
        (
            E | {"begin_time": "09:00", "end_time": "17:00", "completion_time": "12:00"},
            ("completion_time",),
            "completion-before-end",
            None,
        ),
        (E | {"begin_time": "20:00", "end_time": "04:00", "completion_time": "06:00"}, None, None, None),
        (
            {"days_repeat_period": 0, "begin_date": "2026-06-01", "end_date": "2026-07-01"},
            ("end_date",),
            "single-day-with-end-date",
            "write days_repeat_period: 1",
        ),
        ({"days_repeat_period": 0}, None, None, None),
        (E | {"week_days": [1], "begin_date": "2026-06-02", "end_date": "2026-06-03"}, (), "never", None),
        ("0 9 * * *", None, None, None),
    ],
)
def test_one_warning_or_none(data: Any, path: Any, code: str | None, hint: str | None) -> None:
    found = Schedule.parse(data).warnings()
    if code is None:
        assert found == []
        return
    [warning] = found
    assert (warning.path, warning.code) == (path, f"schedule.{code}")
    assert warning.message
    assert (warning.hint or "").startswith(hint or "")
    assert (warning.hint is None) == (hint is None)


def test_in_a_union_each_is_at_its_member() -> None:
    found = Schedule.parse([E, {}, "@daily", E | {"day_in_month": 31}]).warnings()
    assert [warning.path for warning in found] == [(1, "days_repeat_period"), (3, "day_in_month")]


def test_the_only_member_of_a_list_is_found_in_the_list() -> None:
    assert [warning.path for warning in Schedule.parse([{}]).warnings()] == [(0, "days_repeat_period")]
