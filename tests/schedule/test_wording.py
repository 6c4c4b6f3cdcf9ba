"""Schedules in plain English: everything that is set is named, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Schedule
from tests.schedule.drawn import steady
from tests.schedule.words import read

E = {"days_repeat_period": 1}

SENTENCES: list[tuple[Any, str]] = [
    (E | {"begin_time": "09:00", "timezone": "Europe/Berlin"}, "Every day at 09:00 (Europe/Berlin)"),
    (E, "Every day at 00:00 (UTC)"),
    ({}, "On one day only at 00:00 (UTC)"),
    ({"week_days": [6, 7]}, "On one day only, the first that falls on a Saturday or Sunday, at 00:00 (UTC)"),
    ({"begin_date": "2026-03-05", "begin_time": "09:00"}, "On 5 Mar 2026 only at 09:00 (UTC)"),
    (
        {"begin_date": "2026-03-05", "week_days": [4]},
        "On 5 Mar 2026 only, if that falls on a Thursday, at 00:00 (UTC)",
    ),
    ({"days_repeat_period": 2}, "Every 2nd day at 00:00 (UTC)"),
    (
        {"days_repeat_period": 3, "begin_date": "2026-03-05", "end_date": "2026-12-31"},
        "Every 3rd day at 00:00, counted from 5 Mar 2026, until 31 Dec 2026 (UTC)",
    ),
    (
        {"days_repeat_period": 2, "week_days": [1, 3], "months": [1]},
        "Every 2nd day, but only on a Monday or Wednesday in January, at 00:00 (UTC)",
    ),
    (E | {"week_days": [6, 7]}, "Every Saturday and Sunday at 00:00 (UTC)"),
    (E | {"week_days": [1, 2, 3, 4, 5]}, "Every day from Monday to Friday at 00:00 (UTC)"),
    (E | {"week_days": [1, 3, 5]}, "Every Monday, Wednesday and Friday at 00:00 (UTC)"),
    (E | {"weeks_period": 2}, "Every day in every 2nd week at 00:00 (UTC)"),
    (
        E
        | {
            "weeks_period": 2,
            "week_days": ["sat", "sun"],
            "end_date": "2026-12-31",
            "timezone": "Europe/Berlin",
            "detailed_daily_schedules": [
                {"begin_time": "09:00", "completion_time": "16:00"},
                {"begin_time": "15:00", "completion_time": "16:00"},
            ],
        },
        (
            "Every Saturday and Sunday in every 2nd week at 09:00 and 15:00, until 31 Dec 2026 (Europe/Berlin);"
            " each run is stopped at 16:00"
        ),
    ),
    (E | {"months": [1, 7]}, "Every day in January or July at 00:00 (UTC)"),
    (E | {"months": [5, 6, 7, 8, 9]}, "Every day from May to September at 00:00 (UTC)"),
    (E | {"day_in_month": 5}, "On the 5th day of the month at 00:00 (UTC)"),
    (E | {"day_in_month": -1, "months": [2]}, "On the last day of the month in February at 00:00 (UTC)"),
    (E | {"day_in_month": -2}, "On the 2nd last day of the month at 00:00 (UTC)"),
    (
        E | {"day_in_month": 13, "week_days": [5]},
        "On the 13th day of the month if that falls on a Friday, at 00:00 (UTC)",
    ),
    (E | {"week_day_in_month": 2, "week_days": [3]}, "On the 2nd Wednesday of the month at 00:00 (UTC)"),
    (
        E | {"week_day_in_month": -1, "week_days": [1, 5]},
        "On the last Monday or last Friday of the month at 00:00 (UTC)",
    ),
    (E | {"week_day_in_month": 2}, "On days 8 to 14 of the month at 00:00 (UTC)"),
    (E | {"week_day_in_month": -1}, "On the last 7 days of the month at 00:00 (UTC)"),
    (E | {"week_day_in_month": -2}, "On the 14th last to the 8th last day of the month at 00:00 (UTC)"),
    (E | {"repeat_period_in_day": "1h"}, "Every day, every hour (UTC)"),
    (
        E | {"repeat_period_in_day": "5m", "begin_time": "09:00", "repeat_pause": 90},
        (
            "Every day, every 5 minutes from 09:00 to midnight (UTC);"
            " each start at least 1 minute 30 seconds after the last run ended"
        ),
    ),
    (E | {"repeat_period_in_day": "1h", "end_time": "07:00"}, "Every day, every hour from 00:00 to 07:00 (UTC)"),
    (
        E | {"repeat_period_in_day": "1h30m", "begin_time": "20:00", "end_time": "08:00"},
        "Every day, every 1 hour 30 minutes from 20:00 to 08:00 the next day (UTC)",
    ),
    (
        E | {"repeat_pause": "1m", "begin_time": "09:00", "end_time": "17:00"},
        "Every day, again and again from 09:00 to 17:00, each time 1 minute after the last run ended (UTC)",
    ),
    (
        E | {"begin_time": "20:00", "end_time": "08:00"},
        "Every day at 20:00 (UTC); a late start may be until 08:00 the next day",
    ),
    (E | {"start_within": "10m"}, "Every day at 00:00 (UTC); a start is at most 10 minutes late"),
    (E | {"start_within": 0}, "Every day at 00:00 (UTC); a start is at most 0 seconds late"),
    (
        E | {"begin_time": "20:00", "completion_time": "06:00", "completion_interval": "2h"},
        "Every day at 20:00 (UTC); each run is stopped at 06:00 the next day or after 2 hours",
    ),
    (
        E | {"detailed_daily_schedules": [{"begin_time": "09:00"}, {"begin_time": "17:00", "completion_interval": 60}]},
        "Every day at 09:00 and at 17:00 (each run is stopped after 1 minute) (UTC)",
    ),
    (
        E
        | {"detailed_daily_schedules": [{"repeat_period_in_day": "1h", "end_time": "05:00"}, {"begin_time": "17:00"}]},
        "Every day, every hour from 00:00 to 05:00 and at 17:00 (UTC)",
    ),
    (E | {"begin_date": "2026-03-05"}, "Every day at 00:00, from 5 Mar 2026 (UTC)"),
    (
        E | {"day_in_month": 30, "months": [2]},
        "On the 30th day of the month in February at 00:00 (UTC); never: no day matches",
    ),
    ("0 9 * * mon-fri", "At 09:00 on Monday through Friday (cron 0 9 * * MON-FRI) (UTC)"),
    (
        {"cron": "@hourly", "end_date": "2026-12-31", "repeat_pause": 60, "completion_time": "20:00"},
        (
            "At the start of every hour (cron 0 * * * *), until 31 Dec 2026 (UTC);"
            " each start at least 1 minute after the last run ended; each run is stopped at 20:00"
        ),
    ),
    (
        [E | {"begin_time": "09:00"}, E | {"begin_time": "17:00", "week_days": [5], "timezone": "Asia/Tokyo"}],
        "Every day at 09:00 (UTC); and: Every Friday at 17:00 (Asia/Tokyo)",
    ),
]


@pytest.mark.parametrize(("data", "sentence"), SENTENCES)
def test_a_sentence(data: Any, sentence: str) -> None:
    assert Schedule.parse(data).describe() == sentence


def members(schedule: Schedule) -> list[dict[str, Any]]:
    data = schedule.to_data()
    return data if isinstance(data, list) else [data]


@pytest.mark.parametrize(("data", "sentence"), [each for each in SENTENCES if "cron" not in each[1]])
def test_a_sentence_says_its_schedule_and_no_other(data: Any, sentence: str) -> None:
    assert read(sentence) == members(Schedule.parse(data))


TIMES = st.builds("{:02}:{:02}{}".format, st.integers(0, 23), st.integers(0, 59), st.sampled_from(("", "", ":07")))
LENGTHS = st.one_of(st.sampled_from((1, 59, 60, 90, 3600, 86_400, 86_400 + 3_600)), st.integers(1, 200_000))
DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31)).map(date.isoformat)
WINDOW_FIELDS = {
    "begin_time": TIMES,
    "end_time": TIMES,
    "repeat_period_in_day": LENGTHS,
    "repeat_pause": LENGTHS,
    "completion_time": TIMES,
    "completion_interval": LENGTHS,
}
FIELDS = {
    "days_repeat_period": st.one_of(st.just(1), st.integers(1, 1_000)),
    "weeks_period": st.integers(2, 200),
    "week_days": st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True),
    "months": st.lists(st.integers(1, 12), min_size=1, max_size=11, unique=True),
    "day_in_month": st.integers(-31, 31),
    "week_day_in_month": st.integers(-5, 5),
    "begin_date": DAYS,
    "end_date": DAYS,
    "start_within": st.one_of(st.just(0), LENGTHS),
    "timezone": st.sampled_from(("Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12", "NZ-CHAT")),
}


@st.composite
def some_of(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]]) -> dict[str, Any]:
    return {name: draw(values) for name, values in fields.items() if draw(st.booleans())}


def windows() -> st.SearchStrategy[dict[str, Any]]:
    def is_legal(window: dict[str, Any]) -> bool:
        return str(window.get("end_time", "")).ljust(8, "0") != str(window.get("begin_time", "00:00")).ljust(8, "0")

    return some_of(WINDOW_FIELDS).map(lambda w: {k: v for k, v in w.items() if k != "end_time" or is_legal(w)})


@st.composite
def any_calendars(draw: st.DrawFn) -> dict[str, Any]:
    """A calendar in which every field may stand, with any value."""
    days = draw(some_of(FIELDS))
    if "begin_date" in days and days.get("end_date", "9999") < days["begin_date"]:
        del days["end_date"]
    if draw(st.integers(0, 2)) == 0:
        return days | {"detailed_daily_schedules": draw(st.lists(windows(), min_size=2, max_size=4))}
    return days | draw(windows())


@given(data=st.lists(any_calendars(), min_size=1, max_size=2))
@steady
def test_the_words_of_any_calendar_lead_back_to_it(data: list[dict[str, Any]]) -> None:
    """So every field that is set is said, nothing else is, and no two different calendars have the same words."""
    schedule = Schedule.parse(data)
    assert read(schedule.describe()) == members(schedule)


@given(data=st.lists(any_calendars(), min_size=2, max_size=12))
@steady
def test_different_calendars_have_different_words(data: list[dict[str, Any]]) -> None:
    schedules = {Schedule.parse(each) for each in data}
    assert len({schedule.describe() for schedule in schedules}) == len(schedules)


@given(
    expression=st.builds(
        " ".join,
        st.tuples(
            st.sampled_from(("*", "*/7", "5", "0-30/10,45")),
            st.sampled_from(("*", "9", "8-18", "*/5")),
            st.sampled_from(("*", "1", "15,L", "*/2")),
            st.sampled_from(("*", "jan", "1-3")),
            st.sampled_from(("*", "mon", "1-5", "SUN#1", "7")),
        ),
    ),
    beside=some_of({"begin_date": DAYS, "completion_interval": LENGTHS, "start_within": LENGTHS}),
)
@steady
def test_the_words_of_a_cron_expression_hold_it_as_it_is(expression: str, beside: dict[str, Any]) -> None:
    words = Schedule.parse({"cron": expression, **beside}).describe()
    assert f" (cron {expression.upper()})" in words
    assert (", from " in words) == ("begin_date" in beside)
    assert ("each run is stopped after" in words) == ("completion_interval" in beside)
    assert ("a start is at most" in words) == ("start_within" in beside)
