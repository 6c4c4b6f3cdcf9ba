"""Words for single values."""

from __future__ import annotations

from datetime import date

import pytest

from rota.schedule.phrases import date_words, days_of_week_number, every, listed, named, ordinal, seconds_text


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(words: list[str], text: str) -> None:
    assert listed(words) == text


def test_dates() -> None:
    assert date_words(date(2026, 3, 5)) == "5 Mar 2026"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "days 1 to 7"),
        (2, "days 8 to 14"),
        (5, "days 29 to 31"),
        (-1, "the last 7 days"),
        (-2, "the 14th last to the 8th last day"),
        (-5, "the 31st last to the 29th last day"),
    ],
)
def test_the_nth_of_every_weekday(number: int, text: str) -> None:
    assert days_of_week_number(number) == text


def test_ordinals() -> None:
    assert [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 31, 111, 112, -1, -3)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "31st", "111th", "112th", "last",
        "3rd last",
    ]  # fmt: skip


def test_durations_in_words() -> None:
    assert [seconds_text(seconds) for seconds in (0, 1, 90, 3600, 93_784)] == [
        "0 seconds", "1 second", "1 minute 30 seconds", "1 hour", "1 day 2 hours 3 minutes 4 seconds",
    ]  # fmt: skip
    assert [every(seconds) for seconds in (1, 60, 300, 86_400)] == [
        "every second", "every minute", "every 5 minutes", "every day",
    ]  # fmt: skip


def test_names_in_a_row() -> None:
    letters = "ABCDEFG"
    assert [named(numbers, letters, "or") for numbers in ([2], [2, 3], [2, 3, 4], [2, 3, 5])] == [
        "B", "B or C", "B to D", "B, C or E",
    ]  # fmt: skip
