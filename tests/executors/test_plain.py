"""Values as plain JSON."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pydantic
import pytest

from rota.executors.plain import LARGEST, clean, to_plain


class Colour(enum.Enum):
    RED = "red"


class Customer(pydantic.BaseModel):
    name: str
    since: date


@dataclass
class Point:
    x: int


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        ("text", "text"),
        (True, True),
        (2**70, 2**70),
        (1.5, 1.5),
        (float("nan"), None),
        ((1, [2]), [1, [2]]),
        ({1: "a"}, {"1": "a"}),
        ({"b"}, ["b"]),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, tzinfo=UTC), "2026-03-01T00:00:00Z"),
        (Decimal("1.50"), "1.50"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (b"ab", "YWI="),
        (Colour.RED, "red"),
        (Point(1), {"x": 1}),
        (Path("in/box"), "in/box"),
        (Customer(name="Anna", since=date(2026, 1, 31)), {"name": "Anna", "since": "2026-01-31"}),
    ],
)
def test_values_become_json(value: Any, plain: Any) -> None:
    assert to_plain(value, "the value") == plain


def recursive() -> list[Any]:
    values: list[Any] = []
    values.append(values)
    return values


@pytest.mark.parametrize("value", [object(), lambda: 1, {(1, 2): 3}, "half \udc80", recursive()])
def test_what_is_no_json_is_refused_by_its_name(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^the value cannot be written as JSON: "):
        to_plain(value, "the value")


def test_a_value_of_any_size_is_refused() -> None:
    with pytest.raises(ValueError, match="the value is too large: 67108866 bytes of JSON"):
        to_plain("x" * LARGEST, "the value")


def test_a_plain_value_is_a_copy() -> None:
    values = [1]
    assert to_plain(values, "the value") is not values


def test_clean_writes_out_what_utf_8_cannot_carry() -> None:
    assert clean("ü\udc80\ud83d") == "ü\\udc80\\ud83d"
    assert clean("plain") == "plain"
