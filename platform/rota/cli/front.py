"""The front of the command line: what `rota --help` shows. Called by main, which adds the commands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rota.cli.command import Group, group

SECTIONS = {
    "Configurations": (
        *("init", "validate", "explain", "schema", "plan", "apply"),
        *("history", "diff", "rollback", "export", "drift", "import"),
    ),
    "Engines and the database": ("run", "dev", "status", "database"),
    "Jobs": ("scheduled", "jobs", "schedule"),
    "Users, locks and the audit log": ("users", "lock", "unlock", "audit"),
}
"""Under which heading each command stands, in the order of a day's work."""


def front() -> typer.Typer:
    """The command line without any command yet."""
    app = group("Jobs as configuration: declared in YAML, planned, applied and run.", cls=_InSections)
    app.callback()(_has_commands)
    return app


def _has_commands(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Tells Typer to expect the name of a command, even where it knows only one. `main` answers `--version` itself."""
    if version:
        raise typer.BadParameter("it stands alone: rota --version")


class _InSections(Group):
    """Lists the commands under headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 -- the signature is Typer's
        widest = max(map(len, self.commands))
        for title, names in SECTIONS.items():
            with formatter.section(title):
                limit = formatter.width - widest - 4
                rows = [(name.ljust(widest), self.commands[name].get_short_help_str(limit)) for name in names]
                formatter.write_dl(rows)
