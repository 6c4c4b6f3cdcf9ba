"""`rota plan`: what `rota apply` would do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rota.cli import exits
from rota.cli.allowances import ALLOWANCES, allowed
from rota.cli.arguments import Config, NoCode
from rota.cli.command import command, context
from rota.cli.plan_output import FORMATS, show_plans, tells_failures
from rota.cli.surroundings import SURROUNDINGS, surroundings

DetailedExitCode = Annotated[
    bool, typer.Option(exits.DETAILED, help="Exit 0 for no change, 1 for an error, 2 for changes.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Keep the plan in FILE, to be applied as it is.", dir_okay=False),
]


def add_to(app: typer.Typer) -> None:
    command(app, "plan", also={**SURROUNDINGS, **ALLOWANCES}, formats=FORMATS)(tells_failures(plan))


def plan(
    config: Config = None,
    out: Out = None,
    detailed_exitcode: DetailedExitCode = False,
    no_code: NoCode = False,
) -> None:
    """Say what apply would change.

    Compares configurations with the database and changes nothing. As Markdown it is the text of a comment on a
    merge request.
    """
    from rota.app import checked, plan_files
    from rota.app.updates import plan_all
    from rota.app.validation import loader_of, require_valid
    from rota.cli import problems
    from rota.plan.saved import save

    loader = loader_of(config or [], code=not no_code, surroundings=surroundings())
    loaded = loader.load()
    configurations = require_valid(loaded)
    here = context()
    made = plan_all(here, configurations, allowed())
    problems.show(warning for each in loaded for warning in each.warnings)
    refused = any(each.refusals for each in made)
    if out is not None and not refused:
        saved = save(made, [each.source for each in configurations], allowed())
        plan_files.write(out, checked.sealed(saved, loader.inputs(), configurations))
    show_plans(made, here.now())
    if refused:
        raise typer.Exit(exits.FAILED)
    if detailed_exitcode and any(not each.is_empty for each in made):
        raise exits.ThereAreChanges
