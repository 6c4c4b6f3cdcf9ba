"""Parameters in Python as JSON: what has a form, and how the rest is named."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from rota.model import parameter_data
from rota.model.errors import BadParameters
from rota.model.parameter_data import to_data


class Colour(Enum):
    RED = "red"


@dataclass
class Money:
    amount: Decimal


class Stranger:
    def __repr__(self) -> str:
        return "stranger"  # the same in every process, for the names of tests


def in_itself() -> list[Any]:
    endless: list[Any] = [1]
    endless.append(endless)
    return endless


def test_everything_with_a_form_in_json() -> None:
    uid = UUID("12345678-1234-5678-1234-567812345678")
    given = {
        "day": date(2026, 1, 31),
        "span": timedelta(seconds=90),
        "money": Money(Decimal("1.10")),
        "id": uid,
        "bytes": b"hello",
        "colour": Colour.RED,
        "path": Path("in/box"),
        "pair": (1, {2}),
        "numbers": {1: 2**70},
        "none": None,
    }
    assert to_data("m:f", given) == {
        "day": "2026-01-31",
        "span": "PT90S",
        "money": {"amount": "1.10"},
        "id": str(uid),
        "bytes": "aGVsbG8=",
        "colour": "red",
        "path": "in/box",
        "pair": (1, [2]),
        "numbers": {"1": 2**70},
        "none": None,
    }
    assert to_data("m:f", (1, date(2026, 1, 31))) == [1, "2026-01-31"]
    nothings: tuple[Any, ...] = (None, [], {})
    assert [to_data("m:f", nothing) for nothing in nothings] == [None, [], {}]


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ("Anna", ["they must be a mapping (by name) or a list (by position)"]),
        (7, ["they must be a mapping (by name) or a list (by position)"]),
        ({"who": Stranger()}, ["who: a value of type Stranger has no form in JSON"]),
        ([1, Stranger()], ["[1]: a value of type Stranger has no form in JSON"]),
        ({"a": {"b": [Stranger()]}, "c": range(2)}, ["a: a value of type Stranger", "c: a value of type range"]),
        ({"a": [1.0, {"b": float("nan")}]}, ["a[1].b: JSON has no nan"]),
        ({"a": float("-inf")}, ["a: JSON has no -inf"]),
        ({"a": ["\ud800"]}, ["a[0]: it holds half a character"]),
        ({"a": {"\ud800": 1}}, ["surrogates not allowed"]),
        ({"a": in_itself()}, ["a: it is nested too deeply, or in itself"]),
    ],
)
def test_what_has_no_form_is_named(given: Any, problems: list[str]) -> None:
    with pytest.raises(BadParameters) as caught:
        to_data("m:f", given)
    assert len(caught.value.problems) == len(problems)
    for words, problem in zip(problems, caught.value.problems, strict=True):
        assert words in problem


def test_what_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parameter_data, "LARGEST", 100)
    with pytest.raises(BadParameters, match="108 bytes of JSON are more than 100; use a file"):
        to_data("m:f", {"a": "x" * 100})


def test_one_by_position_is_named_as_its_method_names_it() -> None:
    def report(day: str, *others: str) -> None: ...

    with pytest.raises(BadParameters) as caught:
        to_data("m:report", [float("nan"), "x", [Stranger()]], report)
    assert list(caught.value.problems) == [
        "[0] (day): JSON has no nan",
        "[2] (others): a value of type Stranger has no form in JSON",
    ]
