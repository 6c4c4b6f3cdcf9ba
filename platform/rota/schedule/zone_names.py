"""The names of time zones, and what somebody probably meant who wrote something else. Used by zones and configurations.

Abbreviations are not guessed at: CST is three zones, IST another three, and CEST is Berlin for half a year only.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final

import tzdata

DATA: Final = Path(tzdata.__file__).parent
_EXAMPLE: Final = "Europe/Berlin"
_ABBREVIATION: Final = re.compile("[A-Z]{2,5}|[a-z]{2,5}")
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?", re.IGNORECASE)
_LONGEST: Final = 64
"""Characters; comparing takes quadratic time, and no name is so long."""


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Every name there is: the same on every machine."""
    return frozenset(DATA.joinpath("zones").read_text(encoding="utf-8").split())


def zone_hint(name: str) -> str:
    """What to write instead of `name`, which is no time zone."""
    known = {_plain(each): each for each in sorted(zone_names())}
    plain = _plain(name[:_LONGEST])
    cities = [each for other, each in known.items() if other.endswith(f"/{plain}")]
    regions = [each for other, each in known.items() if other.startswith(f"{plain}/")]
    if plain in known or cities:
        return f"did you mean {known.get(plain) or cities[0]}?"
    if regions:
        return f"it takes a city too, such as {regions[0]}"
    if offset := _OFFSET.fullmatch(name.strip()):
        return _for_offset(*offset.groups())
    if _ABBREVIATION.fullmatch(name):
        return f"an abbreviation may stand for several zones: name a region, such as {_EXAMPLE}"
    near = get_close_matches(plain, known, n=1, cutoff=0.8)
    return f"did you mean {known[near[0]]}?" if near else f"names look like {_EXAMPLE}"


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _for_offset(sign: str, hours: str, minutes: str | None) -> str:
    """Zones of the folder Etc have the sign of POSIX: what is ahead of UTC has a minus."""
    fixed = f"Etc/GMT{'-' if sign == '+' else '+'}{int(hours)}"
    always = f", or {fixed} for this offset all year" if not int(minutes or 0) and fixed in zone_names() else ""
    return f"an offset is no zone: name a region, such as {_EXAMPLE}{always}"
