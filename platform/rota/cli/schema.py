"""`rota schema`: the JSON Schemas that editors check and complete configurations with."""

from __future__ import annotations

from typing import Annotated

import typer

from rota.cli import output
from rota.cli.command import command


def add_to(app: typer.Typer) -> None:
    command(app, "schema")(schema)


def schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="configuration or overlay.")] = "configuration",
) -> None:
    """Print a JSON Schema for editors."""
    from rota.configuration.editors import editor_schema
    from rota.configuration.schema import OVERLAY_SCHEMA, SCHEMA
    from rota.model.errors import UsageError

    files = {"configuration": SCHEMA, "overlay": OVERLAY_SCHEMA}
    if kind not in files:
        raise UsageError(f"there is no schema {kind!r}; there are {', '.join(files)}")
    output.data(editor_schema(files[kind]).rstrip())
