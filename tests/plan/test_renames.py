"""The way back through renames."""

from __future__ import annotations

from typing import Any

import pytest

from rota.model.definition import Configuration, Definition
from rota.plan.renames import names_since, renamed_back


def document(**former: str | None) -> dict[str, Any]:
    return {"jobs": {name: {"renamed_from": before} for name, before in former.items()}}


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ([], {"a": "a", "b": "b"}),
        ([document(x="a", b=None)], {"a": "x", "b": "b"}),
        ([document(x="a", b=None), document(y="x", b=None), document(y="x", b=None)], {"a": "y", "b": "b"}),
        ([document(b=None)], {"b": "b"}),
        ([document(b=None), document(a=None, b=None)], {"b": "b"}),
        ([document(a=None, b="a")], {"a": "a", "b": "b"}),
        ([document(x="unknown", a=None)], {"a": "a"}),
        ([document(b="a")], {"b": "b"}),
    ],
    ids=["none", "one", "a chain", "gone", "gone and new", "no rename", "unknown", "the name was taken"],
)
def test_what_they_are_called_now(later: list[dict[str, Any]], expected: dict[str, str]) -> None:
    assert names_since(document(a=None, b=None), later) == expected


def test_a_configuration_is_renamed_back_and_its_document_stays() -> None:
    then = Configuration(name="shop", digest="d", definitions=(Definition(name="a"), Definition(name="b")))
    back = renamed_back(then, {"a": "x", "b": "b"})
    assert back.renames == {"a": "x"}
    assert (back.document, back.digest) == (then.document, then.digest)
