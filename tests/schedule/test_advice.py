"""Warnings: what is legal and probably not meant."""

from __future__ import annotations

from datetime import date
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
        (E | {"day_in_month": 30, "months": [2]}, (), "never", None),
        ("0 9 * * *", None, None, None),
        (E | {"day_in_month": 29, "months": [2]}, (), "seldom", None),
        (E | {"days_repeat_period": 400}, (), "seldom", None),
        ("0 9 29 2 *", (), "seldom", None),
        (E | {"day_in_month": 1, "months": [1]}, None, None, None),
        (
            E | {"day_in_month": 1, "months": [1], "begin_date": "2026-06-02", "end_date": "2026-12-31"},
            (),
            "never",
            None,
        ),
        (
            E | {"day_in_month": 1, "months": [1], "begin_date": "2026-06-02", "end_date": "2027-12-31"},
            None,
            None,
            None,
        ),
        (E | {"day_in_month": 13, "week_days": [5]}, None, None, None),
        ("@yearly", None, None, None),
        ([E, "0 9 29 2 *"], None, None, None),
        (E | {"repeat_period_in_day": "7h"}, ("repeat_period_in_day",), "uneven-period", "the count begins anew"),
        (E | {"repeat_period_in_day": "7h", "begin_time": "00:30"}, ("repeat_period_in_day",), "uneven-period", "the"),
        (E | {"repeat_period_in_day": "24h"}, ("repeat_period_in_day",), "never-repeats", None),
        (E | {"repeat_period_in_day": "7h", "begin_time": "08:00"}, None, None, None),
        (E | {"repeat_period_in_day": "45m", "begin_time": "09:00", "end_time": "17:00"}, None, None, None),
        (E | {"repeat_period_in_day": "7h", "days_repeat_period": 2}, None, None, None),
        (E | {"repeat_period_in_day": "5m"}, None, None, None),
        ("*/45 * * * *", ("cron",), "uneven-period", None),
        ("0 */5 * * *", ("cron",), "uneven-period", None),
        ("*/15 */6 * * *", None, None, None),
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


BERLIN = {"timezone": "Europe/Berlin"}
WINTER = date(2025, 11, 1)
NEXT_CHANGE = "29 Mar 2026"


@pytest.mark.parametrize(
    ("data", "path", "words"),
    [
        (E | BERLIN | {"begin_time": "02:30"}, ("begin_time",), "02:30 does not exist on 29 Mar 2026 in Europe/Berlin"),
        (E | BERLIN | {"begin_time": "02:30"}, ("begin_time",), ": it starts at 03:00 that day"),
        (E | BERLIN | {"begin_time": "02:30", "repeat_period_in_day": "1h"}, ("begin_time",), NEXT_CHANGE),
        (
            E | BERLIN | {"detailed_daily_schedules": [{}, {"begin_time": "02:30"}]},
            ("detailed_daily_schedules", 1, "begin_time"),
            NEXT_CHANGE,
        ),
        (E | BERLIN | {"begin_time": "02:00", "begin_date": "2030-01-01"}, ("begin_time",), "31 Mar 2030"),
        (BERLIN | {"cron": "30 2 * * *"}, ("cron",), "it starts at 03:00 that day"),
        (BERLIN | {"cron": "*/30 2 * * *"}, ("cron",), "nothing starts that day"),
        (E | {"timezone": "Australia/Lord_Howe", "begin_time": "02:10"}, ("begin_time",), "02:30 that day"),
        (E | {"timezone": "Africa/Cairo"}, ("begin_time",), "00:00 does not exist on 24 Apr 2026 in Africa/Cairo"),
    ],
)
def test_a_start_that_clocks_jump_over(data: Any, path: Any, words: str) -> None:
    [warning] = Schedule.parse(data).warnings(WINTER)
    assert (warning.path, warning.code) == (path, "schedule.inside-gap")
    assert words in warning.message


@pytest.mark.parametrize(
    "data",
    [
        E | BERLIN | {"begin_time": "03:00"},
        E | {"begin_time": "02:30"},
        E | BERLIN | {"begin_time": "02:30", "week_days": ["mon"]},
        E | BERLIN | {"begin_time": "02:30", "end_date": "2026-03-28", "begin_date": "2026-01-01"},
        E | BERLIN | {"begin_time": "02:00", "repeat_period_in_day": "15m"},
        BERLIN | {"days_repeat_period": 0, "begin_time": "02:30"},
        BERLIN | {"cron": "*/15 * * * *"},
        BERLIN | {"cron": "30 * * * *"},
        BERLIN | {"cron": "0 0-23 * * *"},
        BERLIN | {"cron": "0 2 * * mon"},
        E | {"timezone": "Africa/Cairo", "repeat_period_in_day": "5m"},
    ],
)
def test_no_start_is_lost_or_moved(data: Any) -> None:
    assert Schedule.parse(data).warnings(WINTER) == []


def test_nothing_is_said_of_clocks_without_a_date() -> None:
    assert Schedule.parse(E | BERLIN | {"begin_time": "02:30"}).warnings() == []


def test_in_a_union_each_is_at_its_member() -> None:
    found = Schedule.parse([E, {}, "@daily", E | {"day_in_month": 31}]).warnings()
    assert [warning.path for warning in found] == [(1, "days_repeat_period"), (3, "day_in_month")]


def test_the_only_member_of_a_list_is_found_in_the_list() -> None:
    assert [warning.path for warning in Schedule.parse([{}]).warnings()] == [(0, "days_repeat_period")]
