"""Single values of a schedule: what is read, what is refused and how, and the canonical text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from rota.schedule.daily_window import DailyWindow
from rota.schedule.fields import (
    WEEK_DAYS,
    calendar_date,
    date_text,
    duration,
    integer,
    names,
    nearest,
    show,
    time_of_day,
    time_text,
    written,
)
from rota.schedule.problems import ScheduleError

week_days = names(WEEK_DAYS, "weekday")


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (integer(-5, 5), -5, -5),
        (integer(-5, 5), 5, 5),
        (week_days, [5, "mon", 1], (1, 5)),
        (week_days, ("sun",), (7,)),
        (time_of_day, "00:00", 0),
        (time_of_day, "23:59:59", 86_399),
        (calendar_date, "2028-02-29", date(2028, 2, 29)),
        (duration, "1h30m", 5400),
        (duration, 90, 90),
    ],
)
def test_what_is_read(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    assert read(value) == expected


@pytest.mark.parametrize(
    ("read", "value", "code", "words"),
    [
        (integer(1, 5), 0, "schedule.out-of-range", "0 is less than the minimum of 1"),
        (integer(1, 5), 6, "schedule.out-of-range", "6 is greater than the maximum of 5"),
        (integer(1, 5), 10**30, "schedule.out-of-range", "a huge number is greater than the maximum of 5"),
        (integer(1, 5), True, "schedule.wrong-type", "true is not a whole number"),
        (integer(1, 5), 2.0, "schedule.wrong-type", "2.0 is not a whole number"),
        (week_days, "mon", "schedule.wrong-type", '"mon" is not a list of weekdays (write [mon])'),
        (week_days, [], "schedule.empty", "no weekday is listed"),
        (
            week_days,
            ["tues"],
            "schedule.unknown-name",
            '[0]: "tues" is not a weekday: expected 1 to 7 or mon to',
        ),
        (week_days, ["mon", 8], "schedule.out-of-range", "[1]: 8 is greater than the maximum of 7"),
        (
            time_of_day,
            540,
            "schedule.bad-time",
            "540 is not a time of day: expected text of the form HH:MM or HH:MM:SS",
        ),
        (time_of_day, "9:00", "schedule.bad-time", '(write "09:00")'),
        (time_of_day, "24:00", "schedule.bad-time", "(leave end_time out to mean the end of the day)"),
        (calendar_date, "2026-02-30", "schedule.bad-date", '"2026-02-30" is not a date: '),
        (calendar_date, "20260203", "schedule.bad-date", "expected text of the form YYYY-MM-DD"),
        (duration, "90", "schedule.bad-duration", "(write 90 without quotes, or 90s)"),
        (duration, None, "schedule.bad-duration", "null is "),
    ],
)
def test_what_is_refused(read: Callable[[Any], Any], value: Any, code: str, words: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read(value)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert words in str(caught.value)


def test_all_that_is_wrong_with_a_list_is_said_at_once() -> None:
    with pytest.raises(ScheduleError) as caught:
        week_days(["moon", 1, 9])
    assert [problem.path for problem in caught.value.problems] == [(0,), (2,)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ("x" * 50, '"' + "x" * 39 + '…"'),
        (None, "null"),
        (False, "false"),
        (1.5, "1.5"),
        ([1], "a list"),
        ({"a": 1}, "a mapping"),
        (date(2026, 1, 1), "a date"),
    ],
)
def test_values_are_shown_in_the_words_of_json_and_short(value: Any, text: str) -> None:
    assert show(value) == text


@pytest.mark.parametrize(("word", "hint"), [("Mom", "did you mean mon?"), ("x" * 10_000, None), ("", None), (7, None)])
def test_the_word_that_is_meant(word: Any, hint: str | None) -> None:
    assert nearest(word, WEEK_DAYS) == hint


@pytest.mark.parametrize("text", ["00:00", "06:30", "23:59", "06:30:05"])
def test_a_time_has_one_text(text: str) -> None:
    assert time_text(time_of_day(text)) == time_text(time_of_day(text + ":00" * (len(text) == 5))) == text


def test_a_date_has_one_text() -> None:
    assert date_text(calendar_date("2026-01-31")) == "2026-01-31"


def test_only_what_differs_from_the_defaults_is_written() -> None:
    window = DailyWindow(begin_time=3600, repeat_pause=5)
    assert written(window, DailyWindow.WRITERS) == {"begin_time": "01:00", "repeat_pause": 5}
