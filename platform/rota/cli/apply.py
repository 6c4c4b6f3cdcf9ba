"""`rota apply`: brings the database to what configurations declare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli.allowances import ALLOWANCES, allowed
from rota.cli.arguments import Config, NoCode
from rota.cli.command import command, context
from rota.cli.plan_output import FORMATS, show_applied, tells_failures
from rota.cli.surroundings import SURROUNDINGS, surroundings
from rota.model.errors import UsageError

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.model.definition import Configuration
    from rota.plan import Allowed
    from rota.reconcile.reconciler import Applied

SavedPlanFile = Annotated[
    Path | None,
    typer.Option("--plan", metavar="FILE", help="Do what a saved plan says, or nothing.", dir_okay=False),
]


def add_to(app: typer.Typer) -> None:
    command(app, "apply", also={**SURROUNDINGS, **ALLOWANCES}, formats=FORMATS)(tells_failures(apply))


def apply(
    config: Config = None,
    plan: SavedPlanFile = None,
    no_code: NoCode = False,
) -> None:
    """Bring the database to the configurations.

    Checks, plans and carries out, each configuration whole or not at all. Applying twice changes nothing. With --plan
    it does what a saved plan says or nothing: CONFIG is then by default what the plan was made from.
    """
    from rota.plan import Allowed

    here = context()
    if plan is None:
        applied = apply_configurations(here, config or [], allowed(), code=not no_code)
    else:
        if allowed() != Allowed():
            raise UsageError("with --plan the plan says what is allowed; make it anew with what you want to allow")
        applied = _apply_saved(here, config or [], plan, code=not no_code)
    show_applied(applied, here.now())


def apply_configurations(made: Context, config: list[Path], may: Allowed, *, code: bool) -> list[Applied]:
    """Apply every configuration that `config` names; warnings go to stderr."""
    from rota.app.updates import apply_all

    return apply_all(made, _valid(config, code=code), may)


def _apply_saved(made: Context, config: list[Path], file: Path, *, code: bool) -> list[Applied]:
    from rota.app import checked, plan_files
    from rota.app.updates import apply_saved

    saved = plan_files.read(file)
    meant = config or [Path(each.source) for each in saved.plans]
    known = None if code else checked.recall(saved, meant, surroundings())
    return apply_saved(made, _valid(meant, code=code) if known is None else known, saved)


def _valid(config: list[Path], *, code: bool) -> list[Configuration]:
    from rota.app.validation import require_valid, validate
    from rota.cli import problems

    loaded = validate(config, code=code, surroundings=surroundings())
    configurations = require_valid(loaded)
    problems.show(warning for each in loaded for warning in each.warnings)
    return configurations
