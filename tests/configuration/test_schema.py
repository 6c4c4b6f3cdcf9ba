"""The published schema: right by its own rules, complete, and in step with the model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from rota.configuration.document import Document, Findings
from rota.configuration.parse import MAX_PROBLEMS, parse
from rota.configuration.schema import OVERLAY_SCHEMA, Shape, load_schema, schema_folder
from rota.configuration.source import Source, read
from rota.configuration.wording import repetitions
from rota.model.definition import Definition, Retention
from rota.model.retry import RetryPolicy
from tests.support import overlay_schema

SCHEMA = load_schema()


def judge(text: str) -> Findings:
    source = Source(Path("jobs.yaml"), text)
    parsed = parse(source)
    assert parsed.problems == []
    findings = Findings()
    Shape().check(Document(source, parsed.data), findings)
    return findings


def described(schema: Any, where: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema that stands for a value: the whole, each definition, each property."""
    yield where, schema
    for group in ("properties", "$defs"):
        for name, inner in schema.get(group, {}).items():
            yield from described(inner, f"{where}/{group}/{name}")


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = {**SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], **{k: schema[k] for k in schema if k != "$ref"}}
    return schema


EVERY = dict(described(SCHEMA))


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("where", EVERY)
def test_every_value_is_described_with_examples_that_are_right(where: str) -> None:
    schema = resolved(EVERY[where])
    assert schema["title"]
    assert schema["description"]
    assert schema["examples"]
    validator = Draft202012Validator({**schema, "$defs": SCHEMA["$defs"]})
    for example in schema["examples"]:
        validator.validate(example)
    if "default" in schema:
        validator.validate(schema["default"])


@pytest.mark.parametrize("where", [where for where, schema in EVERY.items() if "properties" in schema])
def test_mappings_take_no_unknown_keys(where: str) -> None:
    assert EVERY[where]["additionalProperties"] is False


def test_the_schema_has_the_properties_of_the_model() -> None:
    definitions = SCHEMA["$defs"]
    assert set(definitions["job"]["properties"]) == set(Definition.__struct_fields__) - {"name"}
    assert set(definitions["retry"]["properties"]) == set(RetryPolicy.__struct_fields__)
    assert set(definitions["retention"]["properties"]) == set(Retention.__struct_fields__)
    defaults = {name: resolved(schema).get("default") for name, schema in definitions["retry"]["properties"].items()}
    assert {name: value for name, value in defaults.items() if value is not None} == {
        key: value for key, value in RetryPolicy().to_data().items() if value is not None
    }


def test_a_window_has_the_keys_of_a_schedule_with_times() -> None:
    definitions = SCHEMA["$defs"]
    window, schedule = definitions["window"]["properties"], definitions["oneSchedule"]["properties"]
    assert window.items() <= schedule.items()


def test_the_schema_is_found_in_the_source_tree() -> None:
    assert (schema_folder() / "configuration-1.json").is_file()


BAD = Path(__file__).parents[1] / "bad_configurations"


def verdicts(validator: Any, data: Any) -> list[tuple[Any, ...]]:
    """What a validator finds, with all that our wording asks of it."""
    return [
        (each.validator, each.validator_value, list(each.absolute_path), list(each.absolute_schema_path), each.instance)
        for each in validator.iter_errors(data)
    ]


@pytest.mark.parametrize("name", ["configuration-1.json", OVERLAY_SCHEMA])
def test_what_is_asked_once_is_judged_as_by_the_library_alone(name: str) -> None:
    """The keywords that go down, and the way down itself, are ours; the others are the same on both sides."""
    ours: Any = Shape(name)._validator
    the_library_s = {name: Draft202012Validator.VALIDATORS[name] for name in ("$ref", "properties")}
    keywords = {**ours.VALIDATORS, **the_library_s}
    theirs = extend(Draft202012Validator, keywords, type_checker=ours.TYPE_CHECKER)(load_schema(name))
    found = 0
    for file in sorted(BAD.rglob("*.yaml")):
        source = read(file)
        data = parse(source).data if isinstance(source, Source) else None
        expected = verdicts(theirs, data)
        assert verdicts(ours, data) == expected, file
        found += len(expected)
    assert found > 200


def test_problems_come_in_the_order_of_the_file() -> None:
    findings = judge("rota: 1\njobs:\n  b: {command: 1}\n  a: {commands: [], use: 3}\nhosts: {}\n")
    assert [(problem.line, problem.column) for problem in findings.problems] == [
        *((3, 16), (4, 7), (4, 26), (5, 1)),
    ]


def test_the_same_wrong_value_is_found_at_every_place() -> None:
    findings = judge("rota: 1\njobs:\n  a: {command: [x], use: 3}\n  b: {command: [x], use: 3}\n")
    assert [problem.path for problem in findings.problems] == ["jobs.a.use", "jobs.b.use"]


def test_numbers_and_booleans_are_not_mistaken_for_each_other() -> None:
    # Equal in Python, so that a memory of what is right could confuse them.
    findings = judge("rota: 1\njobs:\n  a: {command: [x], priority: 1}\n  b: {command: [x], priority: true}\n")
    assert [problem.path for problem in findings.problems] == ["jobs.b.priority"]


def test_the_schema_of_overlays_is_the_one_that_follows() -> None:
    published = (schema_folder() / OVERLAY_SCHEMA).read_text("utf-8")
    assert published == overlay_schema.text(), "write it anew: python -m tests.support.overlay_schema"


def test_the_schema_of_overlays_is_a_schema_whose_examples_are_right() -> None:
    schema = load_schema(OVERLAY_SCHEMA)
    Draft202012Validator.check_schema(schema)
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)


def test_long_lists_are_looked_through_once() -> None:
    items = ", ".join(f"m{number}" for number in range(100_000))
    (problem,) = judge(f"rota: 1\nconfiguration: {{name: shop, modules: [{items}, m7]}}\n").problems
    assert (problem.code, problem.path) == ("schema.repeated", "configuration.modules[100000]")


def test_a_number_and_its_text_are_two_values() -> None:
    assert list(repetitions([1, "1", True, None, 1, "1"])) == [4, 5]


def test_very_many_problems_end_with_one_that_says_so() -> None:
    items = "a, " * (MAX_PROBLEMS + 10)
    problems = judge(f"rota: 1\nconfiguration: {{name: shop, modules: [{items}]}}\n").problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].code == "file.too-many-problems"
