"""What is restored as a dataclass has all of its fields, also when it is written as JSON again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypedDict, TypeVar

import pytest

from rota.executors.plain import to_plain
from rota.model.filling import holds_dataclass
from rota.model.parameters import bind

T = TypeVar("T")


@dataclass
class Address:
    street: str
    number: int = 1
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Person:
    name: str
    home: Address | None = None
    friends: tuple[Person, ...] = ()
    born: date | None = None


@dataclass(slots=True)
class Small:
    size: int = 3


@dataclass
class Box(Generic[T]):
    value: T
    colour: str = "red"


class Parcel(TypedDict):
    to: Address


class Pair(NamedTuple):
    first: Address
    second: int = 2


ADDRESS = {"street": "x", "number": 1, "tags": []}


def echo(hint: Any) -> Callable[..., Any]:
    def method(value: Any) -> Any:
        return value

    method.__annotations__["value"] = hint
    return method


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Address, {"street": "x"}, ADDRESS),
        (Address, {"street": "x", "number": 7}, {**ADDRESS, "number": 7}),
        (Address | int, {"street": "x"}, ADDRESS),
        (list[Address], [{"street": "x"}], [ADDRESS]),
        (dict[str, tuple[Address, ...]], {"a": [{"street": "x"}]}, {"a": [ADDRESS]}),
        (Parcel, {"to": {"street": "x"}}, {"to": ADDRESS}),
        (Pair, [{"street": "x"}], [ADDRESS, 2]),
        (Small, {}, {"size": 3}),
        (Box[Address], {"value": {"street": "x"}}, {"value": ADDRESS, "colour": "red"}),
        (
            Person,
            {"name": "A", "home": {"street": "x"}, "friends": [{"name": "B"}]},
            {
                "name": "A",
                "home": ADDRESS,
                "friends": [{"name": "B", "home": None, "friends": [], "born": None}],
                "born": None,
            },
        ),
    ],
)
def test_what_was_restored_is_written_whole(hint: Any, value: Any, expected: Any) -> None:
    method = echo(hint)
    arguments = bind(method, [value])
    assert to_plain(method(*arguments.args), "the result") == expected


def test_defaults_are_the_instances_own() -> None:
    (address,) = bind(echo(Address), [{"street": "x"}]).args
    assert vars(address) == ADDRESS


@pytest.mark.parametrize(
    ("hint", "holds"),
    [(int, False), (list[dict[str, Path]], False), (Person, True), (list[Parcel | int], True), (Any, False)],
)
def test_only_what_holds_dataclasses_is_looked_through(hint: Any, holds: bool) -> None:
    assert holds_dataclass(hint) is holds
