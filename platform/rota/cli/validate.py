"""`rota validate`: every problem of every file."""

from __future__ import annotations

import typer

from rota.cli import exits, output
from rota.cli.arguments import Config, NoCode
from rota.cli.command import command, wants_json


def add_to(app: typer.Typer) -> None:
    command(app, "validate")(validate)


def validate(config: Config = None, no_code: NoCode = False) -> None:
    """Check configurations: shape, meaning and code.

    Shows every problem of every file. Exit 1 where anything is wrong.
    """
    from rota.app import updates
    from rota.cli import problems

    loaded = updates.validate(config or [], code=not no_code)
    found = [problem for each in loaded for problem in each.problems]
    if wants_json():
        output.json([problems.to_data(problem) for problem in found])
    else:
        problems.show(found)
        for each in loaded:
            output.note(_summary(each))
    if any(each.errors for each in loaded):
        raise typer.Exit(exits.FAILED)


def _summary(loaded: object) -> str:
    from rota.configuration.load import Loaded

    if not isinstance(loaded, Loaded):
        raise TypeError("only a loaded configuration has a summary")
    checked = ", ".join(loaded.depths) or "nothing"
    counts = f"{loaded.jobs} jobs in {loaded.files} files"
    errors, warnings = len(loaded.errors), len(loaded.warnings)
    verdict = "valid" if not errors else f"{errors} error{'s' if errors != 1 else ''}"
    if warnings:
        verdict += f", {warnings} warning{'s' if warnings != 1 else ''}"
    return f"{loaded.source}: {verdict} ({counts}; checked: {checked})"
