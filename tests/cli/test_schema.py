"""`rota schema` prints what editors need."""

from __future__ import annotations

import pytest

from rota.configuration.editors import editor_schema
from rota.configuration.schema import OVERLAY_SCHEMA, SCHEMA
from tests.support.command_line import rota


@pytest.mark.parametrize(
    ("arguments", "name"), [([], SCHEMA), (["configuration"], SCHEMA), (["overlay"], OVERLAY_SCHEMA)]
)
def test_the_schema_for_editors_is_printed(arguments: list[str], name: str) -> None:
    assert rota("schema", *arguments).stdout == editor_schema(name)


def test_another_kind_is_refused() -> None:
    done = rota("schema", "plan")
    assert (done.returncode, done.stderr) == (2, "rota: there is no schema 'plan'; there are configuration, overlay\n")
