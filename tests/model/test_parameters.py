"""Parameters against signatures and type hints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import pytest

from rota.model.errors import BadParameters
from rota.model.parameters import Arguments, bind, examine

if TYPE_CHECKING:
    from decimal import Context as OnlyForTypeCheckers


class Colour(Enum):
    RED = "red"


@dataclass
class Money:
    amount: Decimal
    currency: str = "EUR"


def plain(a, b=2): ...  # type: ignore[no-untyped-def]
def typed(currencies: list[str], since: date | None = None, *, limit: int = 10) -> None: ...
def open_ended(first: int, *rest: int, **options: float) -> None: ...
def strict(a: int, /, b: int) -> None: ...
def keyed(days: dict[date, int]) -> None: ...
def nothing() -> None: ...
async def coroutine(n: int) -> int:
    return n


def generator(n: int) -> Any:
    yield n


@pytest.mark.parametrize(
    ("function", "parameters", "expected"),
    [
        (nothing, None, Arguments((), {})),
        (nothing, {}, Arguments((), {})),
        (nothing, [], Arguments((), {})),
        (plain, [1], Arguments((1,), {})),
        (plain, {"a": 1, "b": None}, Arguments((), {"a": 1, "b": None})),
        (typed, {"currencies": ["USD"]}, Arguments((), {"currencies": ["USD"]})),
        (typed, [[], "2026-01-31"], Arguments(([], date(2026, 1, 31)), {})),
        (open_ended, [1, 2, 3], Arguments((1, 2, 3), {})),
        (open_ended, {"first": 1, "scale": 2}, Arguments((), {"first": 1, "scale": 2.0})),
        (strict, [1, 2], Arguments((1, 2), {})),
        (coroutine, [1], Arguments((1,), {})),
        (generator, {"n": 1}, Arguments((), {"n": 1})),
    ],
)
def test_parameters_that_fit(function: Callable[..., Any], parameters: Any, expected: Arguments) -> None:
    assert bind(function, parameters) == expected


@pytest.mark.parametrize(
    ("hint", "value", "expected"),
    [
        (date, "2026-01-31", date(2026, 1, 31)),
        (time, "06:30:00", time(6, 30)),
        (datetime, "2026-01-31T06:30:00Z", datetime(2026, 1, 31, 6, 30, tzinfo=UTC)),
        (timedelta, "PT90S", timedelta(seconds=90)),
        (Decimal, "1.10", Decimal("1.10")),
        (UUID, "12345678-1234-5678-1234-567812345678", UUID("12345678-1234-5678-1234-567812345678")),
        (bytes, "aGVsbG8=", b"hello"),
        (Colour, "red", Colour.RED),
        (Money, {"amount": "9.99"}, Money(Decimal("9.99"))),
        (list[Money], [{"amount": 1, "currency": "USD"}], [Money(Decimal(1), "USD")]),
        (dict[int, str], {"1": "one"}, {1: "one"}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (Literal["a", "b"], "b", "b"),
        (Path, "in/box", Path("in/box")),
        (float, 1, 1.0),
        (int | None, None, None),
        (Any, {"x": [1]}, {"x": [1]}),
    ],
)
def test_values_are_restored_from_the_hints(hint: Any, value: Any, expected: Any) -> None:
    def function(x):  # type: ignore[no-untyped-def]
        return x

    function.__annotations__ = {"x": hint}
    (restored,), _ = bind(function, [value])
    assert restored == expected
    assert type(restored) is type(expected)


@pytest.mark.parametrize(
    ("function", "parameters", "problems"),
    [
        (nothing, [1], ["1 given, the function takes 0 by position"]),
        (nothing, {"a": 1}, ["a: unknown parameter; the function takes none by name"]),
        (typed, None, ["parameter 'currencies' is missing"]),
        (
            typed,
            {"curencies": []},
            ["curencies: unknown parameter; did you mean 'currencies'?", "'currencies' is"],
        ),
        (typed, {"currencies": "USD"}, ["currencies: expected array, got str"]),
        (typed, {"currencies": ["USD", 3]}, ["currencies[1]: expected str, got int"]),
        (
            typed,
            {"currencies": [], "limit": "many", "since": "soon"},
            ["limit: expected int", "since: invalid"],
        ),
        (typed, [[], None, 5], ["3 given, the function takes 2 by position"]),
        (open_ended, [1, "x"], ["[1] (rest): expected int, got str"]),
        (open_ended, {"first": 1, "scale": "x"}, ["scale: expected float, got str"]),
        (keyed, [{"soon": 1}], ["[0] (days): a key: invalid RFC3339 encoded date"]),
        (keyed, {"days": {"2026-01-31": "x"}}, ["days: expected int, got str"]),
        (strict, {"a": 1, "b": 2}, ["a: unknown parameter; the function takes b", "'a' is missing"]),
        (lambda money: money, {}, ["parameter 'money' is missing"]),
    ],
)
def test_every_misfit_is_named(function: Callable[..., Any], parameters: Any, problems: list[str]) -> None:
    with pytest.raises(BadParameters) as caught:
        bind(function, parameters, method="shop:f")
    assert caught.value.method == "shop:f"
    assert len(caught.value.problems) == len(problems)
    for words in problems:
        assert any(words in problem for problem in caught.value.problems), caught.value.problems


def test_a_misfit_leads_to_its_place() -> None:
    def pay(amounts: list[Money]) -> None: ...

    _, (misfit,) = examine(pay, {"amounts": [{"amount": "1"}, {"amount": "much"}]})
    assert misfit.path == ("amounts", 1, "amount")
    assert str(misfit).startswith("amounts[1].amount: ")


def test_a_hint_that_cannot_be_evaluated_is_not_checked() -> None:
    def report(when: OnlyForTypeCheckers, count: int) -> None: ...

    assert bind(report, ["anything", 1]).args == ("anything", 1)
    with pytest.raises(BadParameters, match=r"\[1\] \(count\): expected int, got str"):
        bind(report, ["anything", "x"])


def test_a_function_without_a_signature_takes_what_it_is_given() -> None:
    assert bind(dict.fromkeys, [["a"], 1]).args == (["a"], 1)
