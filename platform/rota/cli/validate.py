"""`rota validate`: every problem of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rota.cli import exits, output, wording
from rota.cli.arguments import Config, NoCode
from rota.cli.command import command, wants_json
from rota.cli.surroundings import SURROUNDINGS, surroundings

if TYPE_CHECKING:
    from rota.configuration.load import Loaded


def add_to(app: typer.Typer) -> None:
    command(app, "validate", also=SURROUNDINGS)(validate)


def validate(config: Config = None, no_code: NoCode = False) -> None:
    """Check configurations: shape, meaning and code.

    Shows every problem of every file. Exit 1 where anything is wrong.
    """
    from rota.app.validation import validate as load
    from rota.cli import problems

    loaded = load(config or [], code=not no_code, surroundings=surroundings())
    found = [problem for each in loaded for problem in each.problems]
    if wants_json():
        output.json([problems.to_data(problem) for problem in found])
    else:
        problems.show(found)
        for each in loaded:
            output.note(_summary(each))
    if any(each.errors for each in loaded):
        raise typer.Exit(exits.FAILED)


def _summary(loaded: Loaded) -> str:
    checked = ", ".join(loaded.depths) or "nothing"
    counts = f"{wording.counted(loaded.jobs, 'job')} in {wording.counted(loaded.files, 'file')}"
    errors, warnings = len(loaded.errors), len(loaded.warnings)
    verdict = wording.counted(errors, "error") if errors else "valid"
    if warnings:
        verdict += f", {wording.counted(warnings, 'warning')}"
    return f"{loaded.source}: {verdict} ({counts}; checked: {checked})"
