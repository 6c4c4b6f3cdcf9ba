"""What is said to somebody who wrote no time zone."""

from __future__ import annotations

import pytest

from rota.schedule.zone_names import zone_hint, zone_names

ABBREVIATION = "an abbreviation may stand for several zones: name a region, such as Europe/Berlin"
NO_OFFSET = "an offset is no zone: name a region, such as Europe/Berlin"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        *((name, ABBREVIATION) for name in ("CEST", "EDT", "PST", "IST", "BST", "AEST", "cest")),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        (" Europe/Berlin", "did you mean Europe/Berlin?"),
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("Berlin", "did you mean Europe/Berlin?"),
        ("new york", "did you mean America/New_York?"),
        ("Europe", "it takes a city too, such as Europe/Amsterdam"),
        ("+02:00", f"{NO_OFFSET}, or Etc/GMT-2 for this offset all year"),
        ("UTC-5", f"{NO_OFFSET}, or Etc/GMT+5 for this offset all year"),
        ("+05:30", NO_OFFSET),
        ("GMT+15", NO_OFFSET),
        ("W. Europe Standard Time", "names look like Europe/Berlin"),
        ("", "names look like Europe/Berlin"),
        ("x" * 100_000, "names look like Europe/Berlin"),
    ],
)
def test_a_hint_is_right_or_says_what_names_look_like(name: str, hint: str) -> None:
    assert name not in zone_names()
    assert zone_hint(name) == hint
