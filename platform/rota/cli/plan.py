"""`rota plan`: what `rota apply` would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import exits, output
from rota.cli.arguments import AllowEmpty, Config, DeleteScheduledJobs, MaxDeletes, NoCode
from rota.cli.command import command, context, output_format
from rota.cli.surroundings import SURROUNDINGS, surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rota.plan import Plan

DetailedExitCode = Annotated[
    bool, typer.Option(exits.DETAILED, help="Exit 0 for no change, 1 for an error, 2 for changes.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Keep the plan in FILE, to be applied as it is.", dir_okay=False),
]


def add_to(app: typer.Typer) -> None:
    command(app, "plan", also=SURROUNDINGS)(plan)


def plan(
    config: Config = None,
    out: Out = None,
    detailed_exitcode: DetailedExitCode = False,
    no_code: NoCode = False,
    allow_empty: AllowEmpty = False,
    delete_scheduled_jobs: DeleteScheduledJobs = False,
    max_deletes: MaxDeletes = None,
) -> None:
    """Say what apply would change.

    Compares configurations with the database and changes nothing. As Markdown it is the text of a comment on a
    merge request.
    """
    from rota.app import checked, plan_files
    from rota.app.updates import plan_all
    from rota.app.validation import loader_of, require_valid
    from rota.cli import problems
    from rota.plan import Allowed
    from rota.plan.saved import save

    shown_as = output_format("table", "json", "markdown")
    loader = loader_of(config or [], code=not no_code, surroundings=surroundings())
    loaded = loader.load()
    configurations = require_valid(loaded)
    allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs, max_deletes=max_deletes)
    here = context()
    made = plan_all(here, configurations, allowed)
    problems.show(warning for each in loaded for warning in each.warnings)
    show_plans(made, here.now(), shown_as)
    if any(each.refusals for each in made):
        raise typer.Exit(exits.FAILED)
    if out is not None:
        saved = save(made, [each.source for each in configurations], allowed)
        plan_files.write(out, checked.sealed(saved, loader.inputs(), configurations))
    if detailed_exitcode and any(not each.is_empty for each in made):
        raise exits.ThereAreChanges


def show_plans(made: Sequence[Plan], now: datetime, shown_as: str) -> None:
    """The plans on stdout, in the format that was asked for."""
    if shown_as == "json":
        from rota.app import previews

        output.json([previews.to_data(each, now) for each in made])
    elif shown_as == "markdown":
        from rota.cli import markdown

        output.data(markdown.text(made, now))
    else:
        from rota.cli import plans

        for each in made:
            plans.show(each, now)
