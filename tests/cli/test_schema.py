"""`rota schema` prints what is published."""

from __future__ import annotations

import json

import pytest

from rota.configuration.schema import OVERLAY_SCHEMA, SCHEMA, load_schema
from tests.support.command_line import rota


@pytest.mark.parametrize(
    ("arguments", "name"), [([], SCHEMA), (["configuration"], SCHEMA), (["overlay"], OVERLAY_SCHEMA)]
)
def test_the_published_schema_is_printed(arguments: list[str], name: str) -> None:
    assert json.loads(rota("schema", *arguments).stdout) == load_schema(name)


def test_another_kind_is_refused() -> None:
    done = rota("schema", "plan")
    assert (done.returncode, done.stderr) == (2, "rota: there is no schema 'plan'; there are configuration, overlay\n")
