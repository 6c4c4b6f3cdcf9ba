"""`rota database`: the version of the database."""

from __future__ import annotations

import typer

from rota.cli import exits, output
from rota.cli.command import command, context, group, ready_context

app = group("The database: create, upgrade, check.")


@command(app, "upgrade")
def upgrade() -> None:
    """Create it, or bring it to this version of Rota."""
    from rota.store import schema

    before, after = schema.upgrade(context().store)
    if before == after:
        output.data(f"nothing to do: the database is of version {after}")
    else:
        output.data(f"upgraded from {f'version {before}' if before else 'nothing'} to version {after}")


@command(app, "check")
def check() -> None:
    """Check that it is there, of this version, and sound."""
    from rota.store import schema

    findings = schema.findings(ready_context().store)
    for finding in findings:
        output.data(finding)
    if findings:
        raise typer.Exit(exits.FAILED)
    output.data(f"the database is sound and of version {schema.VERSIONS[-1]}")
