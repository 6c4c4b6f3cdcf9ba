"""The options that say what an update may do beyond the ordinary. Shared by `plan`, `apply` and `rollback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli.command import given

if TYPE_CHECKING:
    from rota.plan import Allowed

ALLOWANCES: dict[str, tuple[Any, Any]] = {
    "allow_empty": (
        Annotated[
            bool,
            typer.Option("--allow-empty", help="A configuration without jobs may delete all jobs of the applied one."),
        ],
        False,
    ),
    "delete_scheduled_jobs": (
        Annotated[
            bool,
            typer.Option(
                "--delete-scheduled-jobs", help="Scheduled jobs made by hand go together with their definition."
            ),
        ],
        False,
    ),
    "max_deletes": (
        Annotated[
            int | None,
            typer.Option("--max-deletes", metavar="N", min=0, help="Refuse to delete more than N definitions."),
        ],
        None,
    ),
}


def allowed() -> Allowed:
    """What this call says."""
    from rota.plan import Allowed

    return Allowed(
        empty=given("allow_empty"),
        delete_scheduled_jobs=given("delete_scheduled_jobs"),
        max_deletes=given("max_deletes"),
    )
