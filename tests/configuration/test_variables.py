"""Variables in texts: values, defaults, escapes and bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.configuration.parse import parse
from rota.configuration.source import Source
from rota.configuration.variables import MAX_FILLED, VariableError, Variables, escaped

VALUES = {"HOST": "db.example", "EMPTY": "", "NUMBER": "7", "SIGN": "${HOST}"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${HOST}", "db.example"),
        ("to ${HOST}:${NUMBER}!", "to db.example:7!"),
        ("${NOTHING:-here}", "here"),
        ("${EMPTY:-here}", "here"),
        ("${EMPTY}", ""),
        ("${NOTHING:-}", ""),
        ("${HOST:-here}", "db.example"),
        ("$${HOST} $HOST $$ $", "${HOST} $HOST $$ $"),
        ("$$${HOST}", "$${HOST}"),
        ("${SIGN}", "${HOST}"),
    ],
)
def test_what_a_text_becomes(text: str, filled: str) -> None:
    assert Variables(VALUES).fill(text) == filled


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("${HOSTS}", "the variable HOSTS is not set", "did you mean HOST? set it in the environment"),
        ("${ZONE}", "the variable ZONE is not set", "set it in the environment or with --set ZONE=..."),
        ("${", "${ begins no variable here", "a variable is ${NAME}"),
        ("${A-b}", "${ begins no variable here", "a variable is ${NAME}"),
        ("${HOST:-", "${ begins no variable here", "a variable is ${NAME}"),
    ],
)
def test_what_cannot_be_filled_in(text: str, message: str, hint: str) -> None:
    with pytest.raises(VariableError) as raised:
        Variables(VALUES).fill(text)
    assert str(raised.value) == message
    assert raised.value.hint.startswith(hint)


def test_a_few_letters_cannot_become_a_flood() -> None:
    variables = Variables({"LONG": "x" * (MAX_FILLED // 4)})
    with pytest.raises(VariableError, match="bring in more than"):
        variables.fill("${LONG}" * 5)


def test_what_was_given_and_nobody_uses_is_known() -> None:
    variables = Variables({**VALUES, "TYPO": "x"}, ["HOST", "TYPO"])
    variables.fill("${HOST}")
    assert variables.unused == ["TYPO"]


def test_a_value_that_is_no_text_is_refused() -> None:
    variables = Variables({"RAW": os.fsdecode(b"caf\xe9"), "TEXT": "caf\u00e9"})
    assert variables.fill("${TEXT}") == "caf\u00e9"
    with pytest.raises(VariableError, match="the value of the variable RAW is not text in UTF-8") as caught:
        variables.fill("${RAW}")
    assert caught.value.code == "variable.encoding"


def test_a_default_holds_no_other_variable() -> None:
    with pytest.raises(VariableError, match="begins no variable"):
        Variables({}).fill("${A:-${B}}")


@given(st.text(alphabet="${}aA:-", max_size=30))
def test_an_escaped_text_comes_back(text: str) -> None:
    assert Variables({}).fill(escaped(text)) == text


def test_a_value_without_quotes_is_read_after_filling_in() -> None:
    text = 'a: ${NUMBER}\nb: "${NUMBER}"\nc: ${NOTHING:-true}\nd: &d x${NUMBER}\ne: *d\n${HOST}: 1\n'
    parsed = parse(Source(Path("a.yaml"), text), Variables(VALUES))
    assert parsed.problems == []
    assert parsed.data == {"a": 7, "b": "7", "c": True, "d": "x7", "e": "x7", "${HOST}": 1}
    assert parse(Source(Path("a.yaml"), text)).data["a"] == "${NUMBER}"
