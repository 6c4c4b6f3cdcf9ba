"""What a text of the wrong form was probably meant to be. Called by wording, for hints.

Each repair is tried on its own; the pattern that the text should have fitted decides which of them is one.
"""

from __future__ import annotations

import json
import re
import shlex
import unicodedata
from collections.abc import Callable
from typing import Final

_UNITS: Final = re.compile(
    r"(\d+)\s*(?:(d)(?:ays?)?|(h)(?:ours?|rs?)?|(m)(?:inutes?|ins?)?|(s)(?:econds?|ecs?)?)(?:\s+|$)", re.IGNORECASE
)
_DATE: Final = re.compile(r"^(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})$")
_GERMAN_DATE: Final = re.compile(r"^(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})$")
_HALF_DAYS: Final = re.compile(r"^(\d{1,2})(?::(\d\d))?\s*([aApP])\.?[mM]\.?$")

_SCRIPT: Final = re.compile(r"[|;&<>`*?]|\$\(|\$[A-Za-z]|\n(?=.)")
"""What only a shell understands."""

_ENUMERATION: Final = re.compile(r"\w+(?:\s*,\s*\w+)+")
"""mon, tue"""

_PLAIN_WORD: Final = re.compile(r"(?!true$|false$|null$|[-.\d]+$)[\w./=-][\w./=:@+-]*(?<!:)")
"""What is the same text in YAML without quotes."""


def repaired(text: str, fits: Callable[[str], bool]) -> str | None:
    """The first repair of `text` that fits, if there is one."""
    if len(text) > _LONGEST:
        return None
    return next((meant for repair in _REPAIRS if (meant := repair(text)) != text and fits(meant)), None)


def small_name(text: str) -> str:
    """A name of small letters, digits and hyphens, as near to `text` as there is one; perhaps an empty one."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text)  # LoadRates
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain.lower()).strip("-")


def as_items(text: str) -> list[str]:
    """The words of a text as items of a list; a script stays whole, for the shell that it was written for."""
    if _ENUMERATION.fullmatch(text):
        return re.split(r"\s*,\s*", text)
    try:
        words = ["sh", "-c", text.strip()] if _SCRIPT.search(text) else shlex.split(text)
    except ValueError:  # quotes without an end
        words = text.split()
    return [word if _PLAIN_WORD.fullmatch(word) else json.dumps(word, ensure_ascii=False) for word in words]


def _replacing(pattern: str, replacement: str) -> Callable[[str], str]:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda text: compiled.sub(replacement, text)


def _padded_date(match: re.Match[str]) -> str:
    return f"{match['year']}-{match['month']:>02}-{match['day']:>02}"


def _full_day_time(match: re.Match[str]) -> str:
    hour = int(match[1]) % 12 + (12 if match[3] in "pP" else 0)
    return f"{hour:02}:{match[2] or '00'}"


_LONGEST: Final = 200
_REPAIRS: Final[tuple[Callable[[str], str], ...]] = (
    str.strip,
    _replacing(r"^(\d:\d\d.*)$", r"0\1"),  # 6:00
    _replacing(r"^(\d)$", r"0\1:00"),  # 6
    _replacing(r"^(\d\d)$", r"\1:00"),  # 18
    _replacing(r"^(\d)(\d\d)$", r"0\1:\2"),  # 0630, which is the number 630
    _replacing(r"^(\d\d)(\d\d)$", r"\1:\2"),  # 1830
    lambda text: _HALF_DAYS.sub(_full_day_time, text),  # 6:30 PM
    lambda text: _DATE.sub(_padded_date, text),  # 2026-2-1
    lambda text: _GERMAN_DATE.sub(_padded_date, text),  # 1.2.2026
    _replacing(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3"),  # 20261231
    _replacing(r"^(\d{4})[/.](\d\d)[/.](\d\d)$", r"\1-\2-\3"),  # 2026/12/31
    _replacing(r"^(1[3-9]|2\d|3[01])[-/](\d\d)[-/](\d{4})$", r"\3-\2-\1"),  # 31-12-2026: no month is so high
    lambda text: _UNITS.sub(r"\1\2\3\4\5", text).lower(),  # 10 minutes
    lambda text: text.removeprefix("PT").lower(),  # PT1H30M
    _replacing(r"^([\w.]+)\.((?!py$)\w+)$", r"\1:\2"),  # shop.rates.load
    _replacing(r"\(\)$", ""),  # shop.rates:load()
    lambda text: text.replace(".py:", ":").replace("/", "."),  # shop/rates.py:load
    _replacing(r"^([\w.]+?)(\.\*|:\w+)$", r"\1"),  # shop.*, where a module is meant
    _replacing(r"(?<=\w)[- ](?=\w)", "_"),  # shop-jobs
    lambda text: text if text.startswith("-") else small_name(text),
)
