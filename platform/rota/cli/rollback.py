"""`rota rollback` and `rota export`: back to what was, and out into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rota.cli import exits, output
from rota.cli.allowances import ALLOWANCES, allowed
from rota.cli.arguments import ConfigurationName, NoCode
from rota.cli.command import command, ready_context, wants_json
from rota.cli.plan_output import FORMATS, show_applied, show_plans, tells_failures

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")]


def add_to(app: typer.Typer) -> None:
    command(app, "rollback", also=ALLOWANCES, formats=FORMATS)(tells_failures(rollback))
    command(app, "export")(export)


def rollback(
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="The revision to bring back.")],
    configuration: ConfigurationName = None,
    dry_run: DryRun = False,
    no_code: NoCode = False,
) -> None:
    """Apply an earlier revision again, as a new one.

    It is checked, planned and carried out as files are. Overrides stay, and what was renamed since is renamed back.
    """
    from rota.app.rollback import plan_rollback
    from rota.app.rollback import rollback as go_back

    here = ready_context()
    if not dry_run:
        show_applied([go_back(here, number, allowed(), configuration=configuration, code=not no_code)], here.now())
        return
    made = plan_rollback(here, number, allowed(), configuration=configuration, code=not no_code)
    show_plans([made], here.now())
    if made.refusals:
        raise typer.Exit(exits.FAILED)


def export(
    configuration: ConfigurationName = None,
    effective: Annotated[
        bool, typer.Option("--effective", help="With overrides in the place of what they hide.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it to FILE.", dir_okay=False)] = None,
) -> None:
    """Write an applied configuration as YAML.

    Applied again it changes nothing.
    """
    from rota.app.export import export as write
    from rota.app.files import replace_file

    text = write(ready_context(), configuration, effective=effective)
    if out is not None:
        replace_file("--out", out, text.encode())
    elif wants_json():
        output.json({"text": text})
    else:
        output.data(text.rstrip("\n"))
