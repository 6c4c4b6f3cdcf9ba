"""The way back through renames, and the way on."""

from __future__ import annotations

import pytest

from rota.model.definition import Configuration, Definition
from rota.model.revision import Renaming
from rota.plan.renames import names_since, renamed_back, renamed_on


def after(*names: str, **renames: str) -> Renaming:
    return Renaming(renames, names)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], {"a": "a", "b": "b"}),
        ([after("x", "b", a="x")], {"a": "x", "b": "b"}),
        ([after("x", "b", a="x"), after("y", "b", x="y"), after("y", "b")], {"a": "y", "b": "b"}),
        ([after("x", "b", a="x"), after("a", "b", x="a")], {"a": "a", "b": "b"}),
        ([after("b")], {"b": "b"}),
        ([after("b"), after("a", "b")], {"b": "b"}),
        ([after("b", a="b")], {"a": "b"}),
        ([after("a", "b", a="b", b="a")], {"a": "b", "b": "a"}),
        ([after("x", "a"), after("a", x="a")], {}),
    ],
    ids=["none", "one", "a chain", "there and back", "gone", "gone and new", "taken over", "swapped", "replaced"],
)
def test_what_they_are_called_now(later: list[Renaming], expected: dict[str, str]) -> None:
    assert names_since(["a", "b"], later) == expected


def test_a_configuration_is_renamed_back_or_on_and_its_document_stays() -> None:
    then = Configuration(name="shop", digest="d", definitions=(Definition(name="a"), Definition(name="b")))
    back, on = renamed_back(then, {"a": "x", "b": "b"}), renamed_on(then, {"x": "a", "b": "b"})
    assert back.renames == on.renames == {"a": "x"}
    assert (back.document, back.digest) == (on.document, on.digest) == (then.document, then.digest)
