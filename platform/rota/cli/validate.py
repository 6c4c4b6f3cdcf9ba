"""`rota validate`: every problem of every file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from rota.cli import exits, output
from rota.cli.arguments import Config, NoCode
from rota.cli.command import command, output_format
from rota.cli.surroundings import SURROUNDINGS, surroundings
from rota.model.counting import counted

if TYPE_CHECKING:
    from rota.configuration.load import Loaded

FORMATS = ("text", "json", "sarif", "github", "table")
"""How problems can be shown; `table`, the word of the other commands, is text here."""


def add_to(app: typer.Typer) -> None:
    command(app, "validate", also=SURROUNDINGS, formats=FORMATS)(validate)


def validate(config: Config = None, no_code: NoCode = False) -> None:
    """Check configurations: shape, meaning and code.

    Shows every problem of every file, those of all overlays unless one is named. Exit 1 where anything is wrong.
    """
    from rota.app.validation import validate_for_each_environment

    loaded = validate_for_each_environment(config or [], code=not no_code, surroundings=surroundings())
    _show(loaded, output_format())
    if any(each.errors for each in loaded):
        raise typer.Exit(exits.FAILED)


def _show(loaded: Sequence[Loaded], chosen: str) -> None:
    from rota.cli import problems, reports
    from rota.configuration.load import all_problems

    found = all_problems(loaded)
    if chosen == "json":
        output.json([problem.to_data() for problem in found])
    elif chosen == "sarif":
        output.json(reports.sarif(found))
    elif chosen == "github":
        for line in reports.github(found):
            output.data(line)
    else:
        problems.show(found)
        for each in loaded:
            output.note(_summary(each))


def _summary(loaded: Loaded) -> str:
    checked = ", ".join(loaded.depths) or "nothing"
    counts = f"{counted(loaded.jobs, 'job')} in {counted(loaded.files, 'file')}"
    errors, warnings = len(loaded.errors), len(loaded.warnings)
    verdict = counted(errors, "error") if errors else "valid"
    if warnings:
        verdict += f", {counted(warnings, 'warning')}"
    environment = f", environment {loaded.environment}" if loaded.environment else ""
    return f"{loaded.source}{environment}: {verdict} ({counts}; checked: {checked})"
