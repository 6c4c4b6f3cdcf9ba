"""The schema of overlays: what follows from that of configurations."""

from __future__ import annotations

from jsonschema import Draft202012Validator

from rota.configuration.schema import OVERLAY_SCHEMA, load_schema
from tests.support.overlay_schema import SCHEMAS, text


def test_the_published_schema_is_the_one_that_follows() -> None:
    found = (SCHEMAS / OVERLAY_SCHEMA).read_text("utf-8")
    assert found == text(), "write it anew: python -m tests.support.overlay_schema"


def test_it_is_a_schema_whose_examples_are_right() -> None:
    schema = load_schema(OVERLAY_SCHEMA)
    Draft202012Validator.check_schema(schema)
    for example in schema["examples"]:
        Draft202012Validator(schema).validate(example)
