"""Words for what the schema finds. Whole sentences are in the bad configurations; here are the corners."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from rota.configuration.codes import Code
from rota.configuration.wording import closest, show, worded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ("it's", '"it\'s"'),
        ({"a": 1}, "a mapping"),
        ([], "a list"),
        ("x" * 100, "'" + "x" * 55 + "...'"),
    ],
)
def test_values_in_messages(value: object, text: str) -> None:
    assert show(value) == text


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("shedule", ["schedule", "use"], "did you mean schedule?"),
        ("renamed-from", ["renamed_from"], "did you mean renamed_from?"),
        ("timeZone", ["timezone"], "did you mean timezone?"),
        ("EUROPE/BERLIN", ["Europe/Berlin", "Europe/Dublin"], "did you mean Europe/Berlin?"),
        ("colour", ["name"], None),
        ("x", [], None),
    ],
)
def test_the_closest_name(name: str, known: list[str], hint: str | None) -> None:
    assert closest(name, known) == hint


def test_a_rule_without_words_of_its_own_keeps_those_of_the_library() -> None:
    (error,) = Draft202012Validator({"multipleOf": 2}).iter_errors(3)
    (misfit,) = worded(error, {})
    assert (misfit.code, misfit.message) == (Code.SCHEMA, "3 is not a multiple of 2")


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("30 2 * * mon", 'write {cron: "30 2 * * mon"}'),
        (" @daily ", 'write {cron: "@daily"}'),
        ("hourly", 'write {cron: "@hourly"}'),
        ("often", None),
    ],
)
def test_a_cron_expression_in_the_place_of_a_schedule(value: str, hint: str | None) -> None:
    [error] = Draft202012Validator({"type": ["object", "array"]}).iter_errors(value)
    [misfit] = worded(error, {})
    assert misfit.hint == hint
