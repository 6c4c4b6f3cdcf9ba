"""`rota jobs cancel` and `rota jobs remove`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import exits, output
from rota.cli.command import command, ready_context
from rota.cli.selecting import Selectors, States, chosen
from rota.cli.waiting import Timeout, leaving_alone

if TYPE_CHECKING:
    from rota.model.background_job import BackgroundJob
    from rota.model.states import State

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say which jobs it would be.")]


def add_to(app: typer.Typer) -> None:
    command(app, "cancel")(cancel)
    command(app, "remove")(remove)


def cancel(
    jobs: Selectors = None,
    state: States = None,
    grace: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long a running job may take before it is killed.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they have ended.")] = False,
    timeout: Timeout = None,
    dry_run: DryRun = False,
) -> None:
    """Cancel jobs, and the jobs that they started.

    A running one is asked first, then ended by force. Cancelling twice is no error.
    """
    from rota.app import background, waiting
    from rota.cli.run import seconds
    from rota.model.errors import UsageError

    if timeout and not wait:
        raise UsageError("--timeout goes with --wait")
    span, limit = seconds("--grace", grace), seconds("--timeout", timeout)
    made = ready_context()
    ids = chosen(made, jobs, state)
    if dry_run:
        _show_states(background.get_all(made, ids), "would be cancelled")
        return
    states = {job: background.cancel(made, job, span) for job in ids}
    if wait:
        with leaving_alone(ids, "wait"):
            waited = waiting.wait(made, ids, timeout=limit)
        states = {job.id: job.state for job in (*waited.done, *waited.pending)}
        _show_cancelled(states)
        raise typer.Exit(exits.TIMED_OUT if waited.timed_out else exits.OK)
    _show_cancelled(states)


def _show_cancelled(states: Mapping[str, State]) -> None:
    for job, state in states.items():
        wish = " (asked to stop)" if state == "running" else ""
        output.data(f"{job}  {state}{wish}")


def _show_states(jobs: Sequence[BackgroundJob], wish: str) -> None:
    for job in jobs:
        output.data(f"{job.id}  {job.name}  {job.state}" + ("" if job.finished else f" ({wish})"))


def remove(
    jobs: Selectors = None,
    state: States = None,
    force: Annotated[bool, typer.Option("--force", help="Cancel those that have not ended, first.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Remove finished jobs.

    The jobs that they started go with them, and everything that they emitted.
    """
    from rota.app import background, removal

    made = ready_context()
    ids = chosen(made, jobs, state)
    if dry_run:
        _show_states(background.get_all(made, ids), "would be cancelled first" if force else "would be refused")
        return
    for job in ids:
        output.data(f"{removal.remove_job(made, job, force=force)}  removed")
