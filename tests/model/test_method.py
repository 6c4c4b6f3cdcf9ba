"""Method names: their form, whether they are public, and which modules allow them."""

from __future__ import annotations

import pytest

from rota.model.method import MethodName


@pytest.mark.parametrize("text", ["m:f", "a.b.c:d", "_a:b", "a:_b", "m1.n_2:f_3"])
def test_a_name_comes_back_as_text(text: str) -> None:
    assert str(MethodName.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "m", "m:", ":f", "m.f", "m:f:g", "m:f.g", "1m:f", "m:1f", "m..n:f", ".m:f", "m :f", "m:f\n", "m:f()"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a method name of the form module:function"):
        MethodName.parse(text)


@pytest.mark.parametrize(
    ("text", "public"), [("m:f", True), ("m.n:f", True), ("_m:f", False), ("m._n:f", False), ("m:_f", False)]
)
def test_an_underscore_anywhere_makes_it_private(text: str, public: bool) -> None:
    assert MethodName.parse(text).is_public is public


@pytest.mark.parametrize(
    ("modules", "allowed"),
    [
        ([], False),
        (["shop"], True),
        (["shop.jobs"], True),
        (["shop.jobs.x"], False),
        (["sho"], False),
        (["a", "shop"], True),
    ],
)
def test_a_module_allows_itself_and_what_lies_below(modules: list[str], allowed: bool) -> None:
    assert MethodName.parse("shop.jobs:load").is_allowed(modules) is allowed
