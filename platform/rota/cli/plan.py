"""`rota plan`: what `rota apply` would do."""

from __future__ import annotations

from typing import Annotated

import typer

from rota.cli import exits, output
from rota.cli.arguments import AllowEmpty, Config, DeleteScheduledJobs, NoCode
from rota.cli.command import command, context, wants_json
from rota.cli.surroundings import SURROUNDINGS, surroundings

DetailedExitCode = Annotated[
    bool, typer.Option("--detailed-exitcode", help="Exit 0 for no change, 1 for an error, 2 for changes.")
]


def add_to(app: typer.Typer) -> None:
    command(app, "plan", also=SURROUNDINGS)(plan)


def plan(
    config: Config = None,
    detailed_exitcode: DetailedExitCode = False,
    no_code: NoCode = False,
    allow_empty: AllowEmpty = False,
    delete_scheduled_jobs: DeleteScheduledJobs = False,
) -> None:
    """Say what apply would change.

    Compares configurations with the database and changes nothing.
    """
    from rota.app import previews
    from rota.app.updates import plan_all
    from rota.app.validation import require_valid, validate
    from rota.cli import plans, problems
    from rota.plan import Allowed

    loaded = validate(config or [], code=not no_code, surroundings=surroundings())
    configurations = require_valid(loaded)
    allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs)
    here = context()
    made, now = plan_all(here, configurations, allowed), here.now()
    problems.show(warning for each in loaded for warning in each.warnings)
    if wants_json():
        output.json([previews.to_data(each, now) for each in made])
    else:
        for each in made:
            plans.show(each, now)
    if any(each.refusals for each in made):
        raise typer.Exit(exits.FAILED)
    if detailed_exitcode and any(not each.is_empty for each in made):
        raise typer.Exit(exits.CHANGES)
