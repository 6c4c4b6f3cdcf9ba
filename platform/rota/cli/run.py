"""`rota run`: applies configurations, if any are named, and runs the engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import exits, output
from rota.cli.apply import apply_configurations
from rota.cli.arguments import NoCode
from rota.cli.command import command, context, wants_json
from rota.cli.surroundings import SURROUNDINGS

if TYPE_CHECKING:
    from rota.app.context import Context

Config = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG",
        help="Configurations to apply first [default configurations/, where there is one].",
        show_default=False,
    ),
]
NoApply = Annotated[bool, typer.Option("--no-apply", help="Apply nothing: run what was applied before.")]
For = Annotated[str | None, typer.Option("--for", metavar="DURATION", help="Stop after so long: 60s, 15m, 2h.")]
UntilIdle = Annotated[bool, typer.Option("--until-idle", help="Stop once nothing is queued, waiting, running or due.")]
NoScheduler = Annotated[bool, typer.Option("--no-scheduler", help="Start no scheduled jobs, only run what is queued.")]
Grace = Annotated[str, typer.Option(metavar="DURATION", help="How long running jobs may take to end when it stops.")]
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
) -> None:
    """Apply CONFIG, then run the engine.

    It runs until Ctrl-C or SIGTERM. Where nothing is to be applied, it runs what was applied before. What happens is
    told on stderr, a line each; with --format json as JSON objects.
    """
    from rota.app.folders import default_folders
    from rota.app.runner import Until
    from rota.app.runner import run as run_engine
    from rota.app.wiring import make_supervisor
    from rota.cli.live import LiveLines
    from rota.runtime.collecting import collect_as_usual
    from rota.runtime.stopping import StopRequest, stop_on_signals

    until = Until(seconds=seconds("--for", for_), idle=until_idle, grace=seconds("--grace", grace) or 0)
    made = context()
    folders = [] if no_apply else config or default_folders()
    if folders:
        _apply(made, folders, code=not no_code)
    else:
        _use_what_was_applied(made)
    with LiveLines(quiet=quiet, as_json=wants_json()) as lines, stop_on_signals(StopRequest()) as request:
        lease_seconds = max(seconds("--lease", lease) or 0, 1)
        supervisor = make_supervisor(made, lines.tell, scheduling=not no_scheduler, lease=lease_seconds)
        collect_as_usual()
        stopped = run_engine(supervisor, made.clock, until, request)
    made.store.close()
    if stopped.failure is not None:
        output.note(f"rota: the engine stopped because a part of it failed: {stopped.failure}")
        raise typer.Exit(exits.FAILED)


def _apply(made: Context, folders: list[Path], *, code: bool) -> None:
    from rota.plan import Allowed

    for applied in apply_configurations(made, folders, Allowed(), code=code):
        done = "nothing to do" if applied.plan.is_empty else f"applied as revision {applied.revision}"
        output.note(f"configuration {applied.plan.configuration}: {done}")


def _use_what_was_applied(made: Context) -> None:
    # Reading and planning configurations takes time to import that an engine without any need not spend.
    from rota.app.readiness import anything_applied, ready_database

    ready_database(made)
    if not anything_applied(made):
        output.note("no configuration is applied, so no job will start by itself: `rota run CONFIG` applies one")


def seconds(option: str, text: str | None) -> float | None:
    from rota.model.errors import UsageError
    from rota.schedule import parse_seconds

    if text is None:
        return None
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from error
