"""Durations: what is read, and what is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest

from rota.schedule import parse_duration, parse_seconds


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (0, 0),
        (90, 90),
        ("90s", 90),
        ("15m", 900),
        ("6h", 21_600),
        ("1h30m", 5_400),
        ("1d", 86_400),
        ("1d2h3m4s", 93_784),
        ("0s", 0),
        ("90m", 5_400),
        ("36500d", 3_153_600_000),
    ],
)
def test_whole_seconds_or_text(value: str | int, seconds: int) -> None:
    assert parse_duration(value) == seconds


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-1, "cannot be negative"),
        ("36500d1s", "at most 36500d"),
        (10**100, "at most 36500d"),
        ("999999999999d", "at most 36500d"),
        ("", "is not a duration"),
        ("90", "is not a duration"),
        ("1.5h", "is not a duration"),
        ("30m1h", "is not a duration"),
        ("-5m", "is not a duration"),
        ("5 m", "is not a duration"),
        ("5M", "is not a duration"),
        ("٣s", "is not a duration"),
        ("1h\n", "is not a duration"),
        ("9" * 100_000 + "s", "is not a duration"),
        (1.0, "not a duration"),
        (float("nan"), "not a duration"),
        (True, "not a duration"),
        (None, "not a duration"),
        ([90], "not a duration"),
    ],
)
def test_anything_else_is_a_value_error_that_says_what_is_expected(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_duration(value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("0.25", 0.25),
        ("500ms", 0.5),
        ("1.5s", 1.5),
        ("1s500ms", 1.5),
        ("2m", 120),
        ("2m1.5s", 121.5),
        ("1h500ms", 3600.5),
        ("1d2h3m4s", 93_784),
        ("36500d", 3_153_600_000),
    ],
)
def test_a_time_limit_may_have_parts_of_a_second(text: str, seconds: float) -> None:
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", " ", "1.5m", "1.5h", ".5s", "1.s", "-1s", "1e3", "nan", "5 s", "5ms5s", "30m1h", "s", "ms", "\u0663s", "1s\n"],
)
def test_what_is_no_time_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_seconds(text)


@pytest.mark.parametrize("text", ["36500d1s", "999999999999s", "99999999999d"])
def test_a_time_limit_has_the_bounds_of_a_duration(text: str) -> None:
    with pytest.raises(ValueError, match="at most 36500d"):
        parse_seconds(text)
