"""`rota history`, `rota diff` and `rota drift`: what was applied, and what has become of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output, plans, wording
from rota.cli.arguments import ConfigurationName
from rota.cli.command import command, ready_context, wants_json
from rota.cli.plan_output import FORMATS, show_plans, tells_failures
from rota.cli.surroundings import SURROUNDINGS, surroundings
from rota.model.errors import UsageError

if TYPE_CHECKING:
    from rota.app.drift import Drift
    from rota.model.revision import Origin, Revision

Newest = Annotated[int, typer.Option("--newest", metavar="N", min=1, help="How many.")]


def add_to(app: typer.Typer) -> None:
    command(app, "history")(history)
    command(app, "diff", also=SURROUNDINGS, formats=FORMATS)(tells_failures(diff))
    command(app, "drift")(drift)


def history(configuration: ConfigurationName = None, newest: Newest = 20) -> None:
    """List what was applied: when, by whom, from which commit.

    The newest revision comes first.
    """
    from rota.app.history import history as read_history

    found = read_history(ready_context(), configuration, newest)
    if wants_json():
        output.json([each.to_data() for each in found])
        return
    columns = ("CONFIGURATION", "REVISION", "APPLIED", "BY", "COMMIT", "CHANGES", "SOURCE")
    output.table(columns, [_row(each) for each in found], none="nothing has been applied")


def _row(each: Revision) -> list[str]:
    when, changes = output.when(each.applied_at), plans.counts(each.summary) or "header"
    source = f"brings back revision {each.origin.restores}" if each.origin.restores else each.source
    return [each.configuration, str(each.number), when, each.applied_by, commit(each.origin), changes, source]


def commit(origin: Origin) -> str:
    """The commit as people name it, with a mark where the working tree was not clean."""
    if origin.commit is None:
        return "-"
    return origin.commit[:10] + ("" if origin.clean else "+changes")


def diff(
    first: Annotated[int, typer.Argument(metavar="A", min=1, help="A revision.")],
    second: Annotated[
        str | None,
        typer.Argument(
            metavar="B", help="Another revision, or files [default the revision in force].", show_default=False
        ),
    ] = None,
    configuration: ConfigurationName = None,
) -> None:
    """Say what differs between revisions or from files.

    What leads from A to B is shown as a plan shows it. Files are not checked against their code.
    """
    from rota.app.history import between, since
    from rota.app.validation import require_valid, validate

    if second == "":
        raise UsageError("B is empty: name a revision or files, or leave it out for the revision in force")
    here = ready_context()
    if second is None or second.isdecimal():
        made = between(here, first, int(second) if second else None, configuration)
    else:
        desired = require_valid(validate([Path(second)], code=False, surroundings=surroundings()))
        made = since(here, first, desired, configuration)
    show_plans([made], here.now())


def drift(configuration: ConfigurationName = None) -> None:
    """List what is overridden, by whom and why."""
    from rota.app.drift import drift as read_drift

    found = read_drift(ready_context(), configuration)
    if wants_json():
        output.json([each.to_data() for each in found])
        return
    columns = ("SCHEDULED JOB", "PROPERTY", "IN FORCE", "CONFIGURED", "BY", "SINCE", "UNTIL", "REASON")
    output.table(columns, [_drift_row(each) for each in found], none="nothing is overridden")


def _drift_row(each: Drift) -> list[str]:
    value, configured = (wording.of_property(each.property, one) for one in (each.value, each.configured))
    until = output.when(each.until) if each.until else "-"
    name = f"{each.configuration}/{each.scheduled_job}"
    return [name, each.property, value, configured, each.by, output.when(each.at), until, each.reason or "-"]
