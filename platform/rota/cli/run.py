"""`rota run`: applies configurations, if any are named, and runs the engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output
from rota.cli.apply import apply_configurations
from rota.cli.arguments import NoCode, Poll, given_path
from rota.cli.command import command, context
from rota.cli.foreground import Follow, run_engine
from rota.cli.surroundings import SURROUNDINGS
from rota.model.errors import UsageError

if TYPE_CHECKING:
    from rota.app.context import Context

Config = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG",
        help="Configurations to apply first, and to find the code of [default configurations/, where there is one].",
        parser=given_path,
        show_default=False,
    ),
]
NoApply = Annotated[bool, typer.Option("--no-apply", help="Apply nothing: run what was applied before.")]
For = Annotated[str | None, typer.Option("--for", metavar="DURATION", help="Stop after so long: 60s, 15m, 2h.")]
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="Stop once nothing is queued, waiting, running or due.")]
NoScheduler = Annotated[bool, typer.Option("--no-scheduler", help="Start no scheduled jobs, only run what is queued.")]
Grace = Annotated[str, typer.Option(metavar="DURATION", help="How long running jobs may take to end when it stops.")]
Watch = Annotated[bool, typer.Option("--watch", help="Follow CONFIG and its code: apply it again when it changes.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say only what is wrong.")]
Lease = Annotated[str, typer.Option(metavar="DURATION", help="How long a silent node keeps its jobs.")]


def add_to(app: typer.Typer) -> None:
    command(app, "run", also=SURROUNDINGS)(run)


def run(
    config: Config = None,
    no_apply: NoApply = False,
    for_: For = None,
    until_idle: UntilIdle = False,
    no_scheduler: NoScheduler = False,
    grace: Grace = "30s",
    lease: Lease = "15s",
    no_code: NoCode = False,
    quiet: Quiet = False,
    watch: Watch = False,
    poll: Poll = False,
) -> None:
    """Apply CONFIG, then run the engine.

    It runs until Ctrl-C or SIGTERM. Where nothing is to be applied, it runs what was applied before: code that lies
    beside CONFIG, or else where it was applied from. With --watch, CONFIG is applied again whenever its files or its
    code change. What happens is told on stderr, a line each; with --format json as JSON objects.
    """
    from rota.app.folders import default_folders, require_folders
    from rota.app.runner import Until
    from rota.cli.moments import read_seconds

    until = Until(seconds=read_seconds("--for", for_), idle=until_idle, grace=read_seconds("--grace", grace) or 0)
    made, follow = context(), None
    if watch or poll:
        if no_apply:
            raise UsageError("--no-apply applies nothing, --watch applies whatever changes: give one of them")
        follow = Follow(folders=require_folders(config or ()), code=not no_code, poll=poll)
    elif folders := [] if no_apply else config or default_folders():
        _apply(made, folders, code=not no_code)
    else:
        _use_what_was_applied(made, config or [])
    lease_seconds = max(read_seconds("--lease", lease) or 0, 1)
    run_engine(made, until, follow=follow, scheduling=not no_scheduler, lease=lease_seconds, quiet=quiet)


def _apply(made: Context, folders: list[Path], *, code: bool) -> None:
    from rota.plan import Allowed

    for applied in apply_configurations(made, folders, Allowed(), code=code):
        done = "nothing to do" if applied.plan.is_empty else f"applied as revision {applied.revision}"
        output.note(f"configuration {applied.plan.configuration}: {done}")


def _use_what_was_applied(made: Context, folders: list[Path]) -> None:
    # Reading and planning configurations takes time to import that an engine without any need not spend.
    from rota.app.readiness import anything_applied, ready_database

    if folders:
        from rota.app.validation import find_roots
        from rota.cli.surroundings import surroundings

        made.roots.update(find_roots(folders, surroundings=surroundings()))
    ready_database(made)
    if not anything_applied(made):
        output.note("no configuration is applied, so no job will start by itself: `rota run CONFIG` applies one")
