"""`rota audit`: who did what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output, wording
from rota.cli.command import command, ready_context, wants_json

if TYPE_CHECKING:
    from rota.model.acts import Audited

Time = Annotated[str | None, typer.Option(metavar="TIME", help="Not before: 2026-12-31T18:00, or 2h ago.")]


def add_to(app: typer.Typer) -> None:
    command(app, "audit")(audit)


def audit(
    since: Time = None,
    by: Annotated[str | None, typer.Option(metavar="USER", help="Only acts of this user.")] = None,
    act: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only acts like this; * stands for anything: 'lock.*'.")
    ] = None,
    subject: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only what was done to this; * stands for anything.")
    ] = None,
    newest: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 100,
) -> None:
    """Show what was done, newest first."""
    from rota.app.audit import AuditFilter, select
    from rota.cli.moments import read_moment

    made = ready_context()
    start = read_moment("--since", since, made.now(), back=True)
    found = select(made, AuditFilter(since=start, by=by, act=act, subject=subject, newest=newest))
    if wants_json():
        output.json([each.to_data() for each in found])
        return
    output.table(("AT", "USER", "ACT", "SUBJECT", "FACTS"), [_row(each) for each in found], none="no acts")


def _row(act: Audited) -> list[str]:
    facts = [f"{name}={wording.as_json(value)}" for name, value in act.facts.items() if value is not None]
    why = [f"reason: {act.reason}"] if act.reason else []
    return [output.when(act.at), act.user, act.act, act.subject, ", ".join([*facts, *why])]
