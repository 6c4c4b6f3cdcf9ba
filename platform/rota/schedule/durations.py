"""Durations: whole seconds, or text such as `90s`, `15m`, `1h30m`, `1d`. Other rooms read theirs here too.

A calendar knows no parts of a second, and so a configuration has none. Time limits that a person types on a command
line may have them: `500ms`, `1.5s`.
"""

from __future__ import annotations

import math
import re

MAX_DURATION = 36_500 * 86_400
"""A hundred years in seconds: longer is a slip of the pen, and could lead out of the calendar."""

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

_TEXT = re.compile("".join(rf"(?:([0-9]{{1,12}}){unit})?" for unit in UNITS))
_FINE_TEXT = re.compile(
    r"(?:([0-9]{1,12})d)?(?:([0-9]{1,12})h)?(?:([0-9]{1,12})m)?(?:([0-9]{1,12}(?:\.[0-9]{1,9})?)s)?(?:([0-9]{1,12})ms)?"
)
_FINE_UNITS = (*UNITS.values(), 0.001)
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")
_EXPECTED = "expected whole seconds or a text such as 90s, 15m, 6h, 1h30m or 1d"


def parse_duration(value: str | int) -> int:
    """`value` in seconds. Raises `ValueError` with a message that says what was expected."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"not a duration: {_EXPECTED}")  # noqa: TRY004  # one error for whatever JSON holds
    seconds = value if isinstance(value, int) else _seconds(value)
    if seconds < 0:
        raise ValueError("a duration cannot be negative")
    if seconds > MAX_DURATION:
        raise ValueError(f"a duration can be at most {MAX_DURATION // UNITS['d']}d")
    return seconds


def parse_seconds(text: str) -> float:
    """What somebody typed, in seconds, parts of which may be given. Raises `ValueError` as `parse_duration` does."""
    match = _FINE_TEXT.fullmatch(f"{text}s" if _NUMBER.fullmatch(text) else text)
    if not text or match is None:
        expected = "expected seconds or a text such as 1.5s, 500ms, 15m or 1h30m"
        raise ValueError(f"{text[:40]!r} is not a duration: {expected}")
    seconds = sum(float(number) * unit for number, unit in zip(match.groups("0"), _FINE_UNITS, strict=True))
    parse_duration(math.ceil(seconds))  # has the bounds
    return seconds


def _seconds(text: str) -> int:
    match = _TEXT.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"{text[:40]!r} is not a duration: {_EXPECTED}")
    return sum(int(number) * unit for number, unit in zip(match.groups("0"), UNITS.values(), strict=True))
