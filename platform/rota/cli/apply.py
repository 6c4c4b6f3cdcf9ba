"""`rota apply`: brings the database to what configurations declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from rota.cli import output
from rota.cli.arguments import AllowEmpty, Config, DeleteScheduledJobs, NoCode
from rota.cli.command import command, context, wants_json
from rota.cli.surroundings import SURROUNDINGS, surroundings

if TYPE_CHECKING:
    from pathlib import Path

    from rota.app.context import Context
    from rota.plan import Allowed
    from rota.reconcile.reconciler import Applied


def add_to(app: typer.Typer) -> None:
    command(app, "apply", also=SURROUNDINGS)(apply)


def apply(
    config: Config = None,
    no_code: NoCode = False,
    allow_empty: AllowEmpty = False,
    delete_scheduled_jobs: DeleteScheduledJobs = False,
) -> None:
    """Bring the database to the configurations.

    Checks, plans and carries out, each configuration whole or not at all. Applying twice changes nothing.
    """
    from rota.app import previews
    from rota.plan import Allowed

    allowed = Allowed(empty=allow_empty, delete_scheduled_jobs=delete_scheduled_jobs)
    here = context()
    applied, now = apply_configurations(here, config or [], allowed, code=not no_code), here.now()
    if wants_json():
        output.json([{**previews.to_data(each.plan, now), "revision": each.revision} for each in applied])
        return
    from rota.cli import plans

    for each in applied:
        if each.plan.is_empty:
            output.data(f"configuration {each.plan.configuration}: nothing to do, revision {each.revision} stands")
        else:
            plans.show(each.plan, now)
            output.data(f"  applied as revision {each.revision}")


def apply_configurations(made: Context, config: list[Path], allowed: Allowed, *, code: bool) -> list[Applied]:
    """Apply every configuration that `config` names; warnings go to stderr."""
    from rota.app.updates import apply_all
    from rota.app.validation import require_valid, validate
    from rota.cli import problems

    loaded = validate(config, code=code, surroundings=surroundings())
    configurations = require_valid(loaded)
    problems.show(warning for each in loaded for warning in each.warnings)
    return apply_all(made, configurations, allowed)
