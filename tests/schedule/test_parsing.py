"""Bad data: everything that is wrong is reported at once, with its place, in one clear line, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Schedule, ScheduleError, ScheduleProblem
from tests.schedule.drawn import calendars, steady


def problems(data: Any, **options: Any) -> tuple[ScheduleProblem, ...]:
    with pytest.raises(ScheduleError) as caught:
        Schedule.parse(data, **options)
    assert str(caught.value)
    return caught.value.problems


DETAILED = "detailed_daily_schedules"

BAD: list[tuple[Any, tuple[str | int, ...], str, str]] = [
    # the whole
    (None, (), "null is not a schedule", "schedule.wrong-type"),
    (7, (), "7 is not a schedule", "schedule.wrong-type"),
    (True, (), "true is not a schedule", "schedule.wrong-type"),
    ([], (), "a list of schedules needs at least one", "schedule.empty"),
    ([[]], (0,), "a list is not a schedule", "schedule.wrong-type"),
    ([{}, {"begin_time": 5}], (1, "begin_time"), "5 is not a time of day", "schedule.bad-time"),
    # keys
    ({"week_dayz": [1]}, ("week_dayz",), 'unknown key "week_dayz"', "schedule.unknown-key"),
    ({7: 1}, (7,), "unknown key 7", "schedule.unknown-key"),
    ({None: 1}, ("null",), "unknown key null", "schedule.unknown-key"),
    ({"k" * 5000: 1}, ("k" * 5000,), "unknown key", "schedule.unknown-key"),
    ({"cron": "@daily", "begin_time": "09:00"}, ("begin_time",), "does not go with cron", "schedule.unknown-key"),
    ({"cron": "@daily", "begintime": "09:00"}, ("begintime",), "unknown key", "schedule.unknown-key"),
    # numbers
    ({"days_repeat_period": True}, ("days_repeat_period",), "true is not a whole number", "schedule.wrong-type"),
    ({"days_repeat_period": 1.0}, ("days_repeat_period",), "1.0 is not a whole number", "schedule.wrong-type"),
    ({"days_repeat_period": float("nan")}, ("days_repeat_period",), "NaN is not", "schedule.wrong-type"),
    ({"days_repeat_period": "1"}, ("days_repeat_period",), '"1" is not a whole number', "schedule.wrong-type"),
    ({"days_repeat_period": None}, ("days_repeat_period",), "null is not a whole number", "schedule.wrong-type"),
    ({"days_repeat_period": -1}, ("days_repeat_period",), "-1 is less than the minimum of 0", "schedule.out-of-range"),
    ({"weeks_period": 10**5000}, ("weeks_period",), "a huge number is greater", "schedule.out-of-range"),
    ({"day_in_month": 32}, ("day_in_month",), "32 is greater than the maximum of 31", "schedule.out-of-range"),
    ({"week_day_in_month": -6}, ("week_day_in_month",), "-6 is less than the minimum of -5", "schedule.out-of-range"),
    # lists of names
    ({"week_days": 1}, ("week_days",), "1 is not a list of weekdays", "schedule.wrong-type"),
    ({"week_days": "mon"}, ("week_days",), '"mon" is not a list of weekdays', "schedule.wrong-type"),
    ({"week_days": []}, ("week_days",), "no weekday is listed", "schedule.empty"),
    ({"week_days": [8]}, ("week_days", 0), "8 is greater than the maximum of 7", "schedule.out-of-range"),
    ({"week_days": [1, "Monday"]}, ("week_days", 1), '"Monday" is not a weekday', "schedule.unknown-name"),
    ({"months": [0]}, ("months", 0), "0 is less than the minimum of 1", "schedule.out-of-range"),
    ({"months": ["mai"]}, ("months", 0), '"mai" is not a month', "schedule.unknown-name"),
    ({"months": [{}]}, ("months", 0), "a mapping is not a whole number", "schedule.wrong-type"),
    # times, dates, durations
    ({"begin_time": "9:00"}, ("begin_time",), '"9:00" is not a time of day', "schedule.bad-time"),
    ({"begin_time": 540}, ("begin_time",), "540 is not a time of day", "schedule.bad-time"),
    ({"begin_time": "09:00:60"}, ("begin_time",), '"09:00:60" is not a time of day', "schedule.bad-time"),
    ({"begin_time": "٠٩:٠٠"}, ("begin_time",), "is not a time of day", "schedule.bad-time"),
    ({"end_time": "24:00"}, ("end_time",), '"24:00" is not a time of day', "schedule.bad-time"),
    ({"begin_date": "2026-02-30"}, ("begin_date",), '"2026-02-30" is not a date: day', "schedule.bad-date"),
    ({"begin_date": "20260201"}, ("begin_date",), "expected text of the form YYYY-MM-DD", "schedule.bad-date"),
    ({"begin_date": "0000-01-01"}, ("begin_date",), "is not a date: year 0", "schedule.bad-date"),
    ({"repeat_pause": "5x"}, ("repeat_pause",), "is not a duration", "schedule.bad-duration"),
    ({"repeat_pause": 1.5}, ("repeat_pause",), "1.5 is not a duration", "schedule.bad-duration"),
    ({"start_within": -1}, ("start_within",), "cannot be negative", "schedule.bad-duration"),
    # zones
    ({"timezone": 5}, ("timezone",), "5 is not the name of a time zone", "schedule.wrong-type"),
    ({"timezone": "Mars/Base"}, ("timezone",), "'Mars/Base' is not a known time zone", "schedule.unknown-zone"),
    # rules between keys
    (
        {"begin_date": "2026-06-02", "end_date": "2026-06-01"},
        ("end_date",),
        "end_date 2026-06-01 is before begin_date 2026-06-02",
        "schedule.end-before-begin",
    ),
    (
        {"cron": "@daily", "begin_date": "2026-06-02", "end_date": "2026-06-01"},
        ("end_date",),
        "end_date 2026-06-01 is before begin_date 2026-06-02",
        "schedule.end-before-begin",
    ),
    (
        {"begin_time": "09:00", "end_time": "09:00:00"},
        ("end_time",),
        "end_time is the same as begin_time, 09:00",
        "schedule.end-equals-begin",
    ),
    ({"end_time": "00:00"}, ("end_time",), "the same as begin_time, 00:00", "schedule.end-equals-begin"),
    (
        {DETAILED: [{}], "repeat_pause": 5},
        ("repeat_pause",),
        "repeat_pause cannot stand beside detailed_daily_schedules",
        "schedule.detail-beside-times",
    ),
    ({DETAILED: {}}, (DETAILED,), "a mapping is not a list of daily schedules", "schedule.wrong-type"),
    ({DETAILED: [5]}, (DETAILED, 0), "5 is not a mapping", "schedule.wrong-type"),
    ({DETAILED: [{}, {"end_time": "x"}]}, (DETAILED, 1, "end_time"), "not a time of day", "schedule.bad-time"),
    ({DETAILED: [{"end_time": "00:00"}]}, (DETAILED, 0, "end_time"), "the same", "schedule.end-equals-begin"),
    ({DETAILED: [{"week_days": [1]}]}, (DETAILED, 0, "week_days"), "does not go here", "schedule.unknown-key"),
    ({DETAILED: [{DETAILED: []}]}, (DETAILED, 0, DETAILED), "does not go here", "schedule.unknown-key"),
]


@pytest.mark.parametrize(("data", "path", "words", "code"), BAD)
def test_one_problem_is_one_clear_line(data: Any, path: tuple[str | int, ...], words: str, code: str) -> None:
    [problem] = problems(data)
    assert problem.path == path
    assert words in problem.message
    assert problem.code == code
    assert len(problem.message) < 200
    assert "\n" not in problem.message


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"week_dayz": [1]}, "did you mean week_days?"),
        ({"Begin_Time": "09:00"}, "did you mean begin_time?"),
        ({"nonsense": 1}, "known keys: begin_date"),
        ({"week_days": ["Monday"]}, "did you mean mon?"),
        ({"week_days": "mon"}, "write [mon]"),
        ({"week_days": []}, "leave the key out to mean all of them"),
        ({"begin_time": "9:00"}, 'write "09:00"'),
        ({"begin_time": 540}, 'in quotes, as in "09:00"'),
        ({"end_time": "24:00"}, "leave end_time out to mean the end of the day"),
        ({"repeat_pause": "90"}, "write 90 without quotes, or 90s"),
        ({"timezone": "Europe/Berlni"}, "did you mean Europe/Berlin?"),
        ({"cron": "@daily", "week_days": [1]}, "beside cron there can be timezone"),
        ({DETAILED: [{"week_days": [1]}]}, "it belongs to the schedule"),
    ],
)
def test_a_hint_shows_the_way_out(data: Any, hint: str) -> None:
    [problem] = problems(data)
    assert problem.hint is not None
    assert problem.hint.startswith(hint)
    assert hint in str(problem)


def test_all_problems_come_at_once_in_the_order_of_the_data() -> None:
    data = [
        {"week_days": [0, 1, 9], "begin_time": "x", "end_tine": "10:00"},
        {"cron": "nonsense", "timezone": "Nowhere"},
        {"detailed_daily_schedules": [{"begin_time": 1}, {"repeat_pause": "y"}]},
    ]
    assert [problem.path for problem in problems(data)] == [
        (0, "week_days", 0),
        (0, "week_days", 2),
        (0, "begin_time"),
        (0, "end_tine"),
        (1, "cron"),
        (1, "timezone"),
        (2, "detailed_daily_schedules", 0, "begin_time"),
        (2, "detailed_daily_schedules", 1, "repeat_pause"),
    ]


def test_a_bad_default_zone_is_found_where_it_is_used() -> None:
    [problem] = problems({"days_repeat_period": 1}, timezone="Nowhere")
    assert problem.path == ("timezone",)
    assert Schedule.parse({"days_repeat_period": 1, "timezone": "UTC"}, timezone="Nowhere").timezone == "UTC"


@pytest.mark.parametrize(
    ("data", "canonical"),
    [
        ({}, {}),
        ({"days_repeat_period": 0, "weeks_period": 0, "repeat_pause": 0, "begin_time": "00:00:00"}, {}),
        ({"weeks_period": 1, "week_days": [7, 6, 5, 4, 3, 2, 1], "months": list(range(1, 13))}, {}),
        ({"week_days": ["sun", 6, "sat"]}, {"week_days": [6, 7]}),
        ({"months": ["dec", "jan", 1]}, {"months": [1, 12]}),
        ({"begin_time": "09:00:00", "end_time": "09:00:30"}, {"begin_time": "09:00", "end_time": "09:00:30"}),
        ({"repeat_period_in_day": "1h30m", "start_within": "0s"}, {"repeat_period_in_day": 5400, "start_within": 0}),
        ({"detailed_daily_schedules": []}, {}),
        ({"detailed_daily_schedules": [{}]}, {"detailed_daily_schedules": [{}]}),
        ("@hourly", {"cron": "0 * * * *"}),
        (
            {"cron": "0 9 * * MON-FRI", "completion_time": "10:00", "repeat_pause": "1m", "begin_date": "2026-01-01"},
            {"cron": "0 9 * * MON-FRI", "completion_time": "10:00", "repeat_pause": 60, "begin_date": "2026-01-01"},
        ),
    ],
)
def test_the_canonical_form(data: Any, canonical: dict[str, Any]) -> None:
    schedule = Schedule.parse(data)
    assert schedule.to_data() == {"timezone": "UTC", **canonical}
    assert Schedule.parse(schedule.to_data()) == schedule
    assert Schedule.parse(json.loads(json.dumps(schedule.to_data()))) == schedule


def outcome(data: Any) -> tuple[Schedule | None, tuple[ScheduleProblem, ...]]:
    """The schedule, or the problems: one of them."""
    try:
        return Schedule.parse(data), ()
    except ScheduleError as error:
        return None, error.problems


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.just(10**4000)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=8,
)
known_keys = st.sampled_from(
    ("begin_date", "end_date", "days_repeat_period", "weeks_period", "week_days", "months", "day_in_month",
     "week_day_in_month", "begin_time", "end_time", "repeat_period_in_day", "repeat_pause", "completion_time",
     "completion_interval", DETAILED, "timezone", "start_within", "cron")
)  # fmt: skip


@steady
@given(st.one_of(json_values, st.dictionaries(known_keys, json_values, min_size=1, max_size=4)))
def test_whatever_json_is_given_it_is_read_or_refused(data: Any) -> None:
    schedule, found = outcome(data)
    assert bool(found) == (schedule is None)
    assert all(len(problem.message) < 300 for problem in found)
    if schedule:
        assert Schedule.parse(schedule.to_data()) == schedule


@steady
@given(calendars(), known_keys, json_values)
def test_one_bad_value_among_good_ones_is_found_or_taken(data: dict[str, Any], key: str, value: Any) -> None:
    schedule, found = outcome({**data, key: value})
    if schedule is None:
        assert {problem.path[0] for problem in found} <= {key, *data}
    else:
        assert Schedule.parse(schedule.to_data()) == schedule


def test_deep_nesting_is_only_a_wrong_type() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    assert problems(deep)[0].message.startswith("a list is not a schedule")
    assert problems({"week_days": deep})[0].path == ("week_days", 0)
