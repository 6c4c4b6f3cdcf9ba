"""Words for single values: lists, ordinals, durations, dates. Used by `wording` and `advice`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rota.schedule.durations import UNITS

WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}


def listed(words: Sequence[str], conjunction: str = "and") -> str:
    """`a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def named(numbers: Sequence[int], names: Sequence[str], conjunction: str = "and") -> str:
    """The names of the numbers, counted from 1; three and more in a row as `Monday to Friday`."""
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{names[numbers[0] - 1]} to {names[numbers[-1] - 1]}"
    return listed([names[number - 1] for number in numbers], conjunction)


def ordinal(number: int) -> str:
    """`1st`, `22nd`; counted from the end if negative: `last`, `2nd last`."""
    if number < 0:
        return "last" if number == -1 else f"{ordinal(-number)} last"
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def seconds_text(seconds: int) -> str:
    """`1 hour 30 minutes`."""
    parts = []
    for unit, size in UNITS.items():
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {_UNITS[unit]}{'s' if number > 1 else ''}")
    return " ".join(parts) or "0 seconds"


def every(seconds: int) -> str:
    """`every hour`, `every 5 minutes`."""
    text = seconds_text(seconds)
    return f"every {text.removeprefix('1 ')}" if seconds in UNITS.values() else f"every {text}"


def date_words(day: date) -> str:
    """`31 Dec 2026`."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def days_of_week_number(number: int) -> str:
    """Which days of the month are the n-th of their own weekday, whatever that is."""
    if number == -1:
        return "the last 7 days"
    if number < 0:
        return f"the {ordinal(max(7 * number, -31))} to the {ordinal(7 * number + 6)} day"
    return f"days {7 * number - 6} to {min(7 * number, 31)}"
