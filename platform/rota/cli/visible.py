"""Texts of other people's files and jobs, made safe and readable for a terminal. Used for problems and in tables.

A key or a line may hold characters that move the cursor, change colours or turn the direction of writing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_INVISIBLE: Final = re.compile(
    "[\x00-\x08\n-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)
"""Controls but the tab, marks of direction, what has no width, halves of characters."""


def visible(text: str) -> str:
    """The text with everything that a terminal would act on, or show nothing of, written out as an escape."""
    return _INVISIBLE.sub(_escape, text)


def in_one_line(text: str) -> str:
    """The text as one visible line: a blank for each break."""
    return visible(" ".join(text.splitlines()))


def blank(text: str) -> str:
    """Blanks as wide as `text` is on a terminal; tabs are kept, so that what follows stands right below."""
    return "".join("\t" if character == "\t" else " " * _width(character) for character in text)


def shortened(text: str, most: int = 300) -> str:
    """The text, cut where it is longer than anybody reads."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
