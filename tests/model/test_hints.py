"""A stranger's type hints: what is restored, what is refused, and what is not checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache, wraps
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NewType,
    NoReturn,
    NotRequired,
    Optional,
    Required,
    TypedDict,
    Union,
    Unpack,
)
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import pydantic
import pytest

from rota.model.errors import BadParameters
from rota.model.parameters import bind

if TYPE_CHECKING:
    from no_such_package import Nothing  # type: ignore[import-not-found]


class Colour(Enum):
    RED = "red"


@dataclass
class Card:
    number: str


@dataclass
class Transfer:
    bank: str


@dataclass
class Order:
    """A dataclass with a field that msgspec alone cannot restore."""

    paid_by: Card | Transfer
    when: date | datetime
    notes: list[str] = field(default_factory=list)


@dataclass
class Node:
    name: str
    children: list[Node] = field(default_factory=list)


class Options(TypedDict):
    since: date
    limit: NotRequired[int]


class Stranger:
    pass


class Picky:
    def __init__(self, value: int) -> None:
        self.value = value


@dataclass
class Angry:
    value: int

    def __post_init__(self) -> None:
        raise KeyError("never")


class Customer(pydantic.BaseModel):
    """A model of pydantic, strict, so that it must be told that it is given JSON."""

    model_config = pydantic.ConfigDict(strict=True)
    name: str
    since: date | None = None


CustomerId = NewType("CustomerId", int)
Positive = Annotated[int, msgspec.Meta(gt=0)]

DAY, NOON = date(2026, 1, 31), datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001 -- given without a zone, it stays without
UID = "12345678-1234-5678-1234-567812345678"


def function_of(hint: Any) -> Callable[..., Any]:
    def function(x: Any) -> None: ...

    function.__annotations__ = {"x": hint}
    return function


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (Optional[date], "2026-01-31", DAY),  # noqa: UP045 -- strangers write it so
        (Union[int, date], "2026-01-31", DAY),  # noqa: UP007
        (date | datetime, "2026-01-31", DAY),
        (date | datetime, "2026-01-31T12:00:00", NOON),
        (str | date, "2026-01-31", DAY),
        (str | date, "soon", "soon"),
        (str | Path, "in/box", Path("in/box")),
        (Path | None, None, None),
        (UUID | str, UID, UUID(UID)),
        (str | Colour, "red", Colour.RED),
        (str | Colour, "blue", "blue"),
        (int | Decimal | None, None, None),
        (Card | Transfer, {"bank": "GLS"}, Transfer("GLS")),
        (list[Card | Transfer], [{"bank": "GLS"}, {"number": "1"}], [Transfer("GLS"), Card("1")]),
        (dict[str, Card | Transfer], {"a": {"number": "1"}}, {"a": Card("1")}),
        (tuple[str | date, ...], ["2026-01-31"], (DAY,)),
        (Order, {"paid_by": {"bank": "GLS"}, "when": "2026-01-31"}, Order(Transfer("GLS"), DAY)),
        (Node, {"name": "a", "children": [{"name": "b"}]}, Node("a", [Node("b")])),
        (Options, {"since": "2026-01-31"}, {"since": DAY}),
        (Iterable[date], ["2026-01-31"], [DAY]),
        (frozenset[int], [1, 2], frozenset({1, 2})),
        (CustomerId, 7, 7),
        (Positive, 7, 7),
        (Literal["a", 1] | None, 1, 1),
        (object, {"a": 1}, {"a": 1}),
        (Customer, {"name": "Anna", "since": "2026-01-31"}, Customer(name="Anna", since=DAY)),
        (Customer | None, None, None),
        (list[Customer], [{"name": "Anna"}], [Customer(name="Anna")]),
    ],
    ids=str,
)
def test_what_is_restored(hint: Any, value: Any, expected: Any) -> None:
    (restored,), _ = bind(function_of(hint), [value])
    assert restored == expected
    assert type(restored) is type(expected)


@pytest.mark.parametrize(
    ("hint", "value", "words"),
    [
        (date | datetime, "soon", "x: expected date | datetime, got str"),
        (str | Path, 7, "x: expected str | Path, got int"),
        (list[Card | Transfer], [{"bank": "GLS"}, {}], "x[1]: expected Card | Transfer, got dict"),
        (Order, {"paid_by": {"bank": "GLS"}, "when": "soon"}, "x: expected date | datetime, got str"),
        (Order, "cash", "x: expected object, got str"),
        (Order, {"when": "2026-01-31"}, "missing"),
        (Options, {"limit": 1}, "x: object missing required field since"),
        (Positive, -1, "x: expected int >= 1"),
        (CustomerId, "seven", "x: expected int, got str"),
        (Literal["a", "b"], "c", "x: invalid enum value 'c'"),
        (Stranger, {"a": 1}, "x: a value of type Stranger cannot be made from JSON (this is dict)"),
        (Stranger | None, 1, "x: a value of type Stranger cannot be made from JSON (this is int)"),
        (ZoneInfo, "Europe/Berlin", "x: a value of type ZoneInfo cannot be made from JSON (this is str)"),
        (Callable[[int], int], "f", "x: a value of type Callable cannot be made from JSON (this is str)"),
        (Customer, {"nam": "Anna", "since": "soon"}, "x: name: Field required; since: Input should be a valid date"),
        (list[Customer], [{"name": "Anna"}, 7], "x[1]: "),
        (Angry, {"value": 1}, "x: restoring it raised KeyError: 'never'"),
    ],
    ids=str,
)
def test_what_is_refused_and_how(hint: Any, value: Any, words: str) -> None:
    with pytest.raises(BadParameters) as caught:
        bind(function_of(hint), {"x": value})
    assert words in str(caught.value)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "hint", ["Nothing", "1 / 0", "list[", NoReturn, Annotated["Nothing", 1], list["Nothing"]], ids=str
)
def test_what_is_not_checked_arrives_as_json(hint: Any) -> None:
    assert bind(function_of(hint), [{"a": 1}]).args == ({"a": 1},)


def test_a_hint_for_type_checkers_only_leaves_the_others_alone() -> None:
    def report(what: Nothing, day: date) -> None: ...

    assert bind(report, ["x", "2026-01-31"]).args == ("x", DAY)
    with pytest.raises(BadParameters, match=r"day: invalid"):
        bind(report, {"what": "x", "day": "soon"})


def test_keywords_of_a_typed_dict() -> None:
    def report(**options: Unpack[Options]) -> None: ...

    assert bind(report, {"since": "2026-01-31", "other": 1}).kwargs == {"since": DAY, "other": 1}
    with pytest.raises(BadParameters, match="limit: expected int, got str"):
        bind(report, {"limit": "many"})


class More(Options, total=False):
    text: str
    place: Required[list[int]]


def test_a_typed_dict_says_which_keywords_are_missing() -> None:
    def report(day: date, **options: Unpack[More]) -> None: ...

    def plain(**options: int) -> None: ...

    with pytest.raises(BadParameters) as caught:
        bind(report, {"text": "x"})
    expected = [f"parameter '{name}' is missing" for name in ("day", "since", "place")]
    assert list(caught.value.problems) == expected
    assert bind(report, {"day": "2026-01-31", "since": "2026-01-31", "place": [1]}).kwargs["place"] == [1]
    assert bind(plain, {}).kwargs == {}


def test_decorated_functions_are_checked_by_what_they_wrap() -> None:
    def traced(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return call

    @traced
    @lru_cache
    def report(day: date) -> None: ...

    assert bind(report, ["2026-01-31"]).args == (DAY,)
    with pytest.raises(BadParameters, match="parameter 'day' is missing"):
        bind(report, {})
