"""Repairs of texts of the wrong form."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rota.configuration.repairs import repaired, small_name
from rota.configuration.schema import load_schema

PARTS = load_schema()["$defs"]
PATTERNS = {name: PARTS[name]["pattern"] for name in ("name", "duration", "time", "date", "user")}
PATTERNS["method"] = PARTS["job"]["properties"]["method"]["pattern"]
PATTERNS["module"] = PARTS["header"]["properties"]["modules"]["items"]["pattern"]


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("time", "6:00", "06:00"),
        ("time", "6", "06:00"),
        ("time", "18", "18:00"),
        ("time", " 18:30 ", "18:30"),
        ("time", "25:00", None),
        ("date", "2026/12/31", "2026-12-31"),
        ("date", "31.12.2026", "2026-12-31"),
        ("date", "31-12-2026", "2026-12-31"),
        ("date", "05-06-2026", None),
        ("duration", "10 minutes", "10m"),
        ("duration", "1 h 30 min", "1h30m"),
        ("duration", "90S", "90s"),
        ("duration", "3 months", None),
        ("duration", "-1s", None),
        ("method", "shop.rates.load", "shop.rates:load"),
        ("method", "shop.rates:load()", "shop.rates:load"),
        ("method", "shop/rates.py:load", "shop.rates:load"),
        ("method", "shop:rates:load", None),
        ("module", "shop-jobs", "shop_jobs"),
        ("module", "shop/jobs", "shop.jobs"),
        ("module", "shop.*", "shop"),
        ("module", "shop:load", "shop"),
        ("name", "Nightly Rates", "nightly-rates"),
        ("name", "shop:load\n", "shop-load"),
        ("user", " anna", "anna"),
        ("user", "  ", None),
        ("name", "X" * 100_000, None),
    ],
)
def test_what_was_meant(kind: str, text: str, meant: Any) -> None:
    assert repaired(text, lambda each: re.fullmatch(PATTERNS[kind], each) is not None) == meant


def test_a_name_loses_what_no_name_has() -> None:
    assert small_name("Übersicht: Café ☕") == "ubersicht-cafe"
    assert small_name("☕") == ""
