"""Durations: whole seconds, or text such as `90s`, `15m`, `1h30m`, `1d`. Other rooms read theirs here too."""

from __future__ import annotations

import re

MAX_DURATION = 36_500 * 86_400
"""A hundred years in seconds: longer is a slip of the pen, and could lead out of the calendar."""

UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}

_TEXT = re.compile("".join(rf"(?:([0-9]{{1,12}}){unit})?" for unit in UNITS))
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


def _seconds(text: str) -> int:
    match = _TEXT.fullmatch(text)
    if not text or match is None:
        raise ValueError(f"{text[:40]!r} is not a duration: {_EXPECTED}")
    return sum(int(number) * unit for number, unit in zip(match.groups("0"), UNITS.values(), strict=True))
