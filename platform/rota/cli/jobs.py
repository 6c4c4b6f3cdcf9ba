"""`rota jobs`: background jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli import exits, output
from rota.cli.command import command, group, ready_context, wants_json
from rota.cli.values import read_pairs

if TYPE_CHECKING:
    from rota.app.background import Waited
    from rota.app.context import Context
    from rota.model.background_job import BackgroundJob

app = group("Background jobs: start, look, wait, cancel.")

Selector = Annotated[str, typer.Argument(metavar="JOB", help="Id, beginning of an id, or name of the newest one.")]
Selectors = Annotated[list[str], typer.Argument(metavar="JOB...", help="Ids, beginnings of ids, or names.")]
Timeout = Annotated[str | None, typer.Option(metavar="DURATION", help="Wait no longer; exit 124 when time is over.")]


@command(app, "start")
def start(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="module:function")],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter; its value is YAML."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="At most one active job per method has a key.")] = None,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    executor: Annotated[str, typer.Option(help="Where to run.")] = "process",
    priority: Annotated[int, typer.Option(help="Higher goes first.")] = 0,
    on_conflict: Annotated[str, typer.Option(help="Where the key is taken: error, skip or wait.")] = "error",
    id_: Annotated[str | None, typer.Option("--id", help="An id of your own: again, it finds the job.")] = None,
    delay: Annotated[str | None, typer.Option(metavar="DURATION", help="Start it this much later.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end; exit 1 unless it completes.")] = False,
    timeout: Timeout = None,
) -> None:
    """Start a method; prints the job's id."""
    from rota.app import background
    from rota.app.start_options import Start
    from rota.app.starting import Starter
    from rota.cli.run import seconds

    limit = seconds("--timeout", timeout)
    made = ready_context()
    how = Start(
        id=id_,
        key=key,
        name=name,
        executor=executor,
        priority=priority,
        delay=seconds("--delay", delay),
        on_conflict=on_conflict,  # type: ignore[arg-type]  # what it may be is checked with the rest
    )
    started = Starter(made).start(method, read_pairs(parameter or []) or None, how).id
    if wait:
        output.note(f"started {started}")  # whatever becomes of the wait, the job can be found again
        _wait(made, [started], limit, any_=False)
        return
    if wants_json():
        output.json(background.get(made, started).to_data())
    else:
        output.data(started)
    if not made.engine_is_active():
        output.note("no engine is running on this database: it starts with the next `rota run`")


@command(app, "list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may be given several times.")] = None,
    name: Annotated[str | None, typer.Option(help="Only names like this; * stands for anything.")] = None,
    method: Annotated[str | None, typer.Option(help="Only of this method.")] = None,
    key: Annotated[str | None, typer.Option(help="Only with this key.")] = None,
    scheduled_job: Annotated[str | None, typer.Option(help="Only runs of this scheduled job.")] = None,
    newest: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
) -> None:
    """List background jobs, newest first."""
    from rota.app import background, scheduled

    made = ready_context()
    wanted = background.Filter(
        states=tuple(_state(each) for each in state or ()),
        name=name,
        method=method,
        key=key,
        scheduled_job=scheduled.find(made, scheduled_job).id if scheduled_job else None,
        newest=newest,
    )
    jobs = background.select(made, wanted)
    if wants_json():
        output.json([job.to_data() for job in jobs])
        return
    columns = ("ID", "NAME", "STATE", "ATTEMPT", "BEGIN", "TOOK", "REASON")
    output.table(columns, [_row(job) for job in jobs], none="no background jobs")


def _state(text: str) -> Any:
    from rota.model.errors import UsageError
    from rota.model.states import State

    try:
        return State(text)
    except ValueError as error:
        raise UsageError(f"--state {text}: it is one of {', '.join(State)}") from error


def _row(job: BackgroundJob) -> list[str]:
    from rota.app.logs import seconds, short

    took = seconds(job.begin_at, job.end_at)
    begin = output.when(job.begin_at)
    return [short(job.id), job.name, str(job.state), str(job.attempt or "-"), begin, took or "-", job.reason or ""]


@command(app, "show")
def show(job: Selector) -> None:
    """Show one job, its attempts and its output."""
    from rota.app import background
    from rota.cli import details

    made = ready_context()
    found = background.get(made, job)
    records = background.output(made, found.id)
    if wants_json():
        output.json(details.to_data(found, records))
        return
    details.show(found, records)


@command(app, "wait")
def wait(
    jobs: Selectors,
    timeout: Timeout = None,
    any_: Annotated[bool, typer.Option("--any", help="Until one is finished, instead of all.")] = False,
) -> None:
    """Wait until jobs are finished.

    Exit 1 unless all of them completed, 124 when time is over.
    """
    from rota.app import background
    from rota.cli.run import seconds

    limit = seconds("--timeout", timeout)
    made = ready_context()
    _wait(made, [background.get(made, job).id for job in jobs], limit, any_=any_)


def _wait(made: Context, ids: list[str], limit: float | None, *, any_: bool) -> None:
    from rota.app import background

    waited = background.wait(made, ids, timeout=limit, any_=any_)
    if wants_json():
        output.json([job.to_data() for job in (*waited.done, *waited.pending)])
    else:
        for job in (*waited.done, *waited.pending):
            output.data(f"{job.id}  {job.state}" + (f"  {job.reason}" if job.reason else ""))
    raise typer.Exit(_verdict(waited))


def _verdict(waited: Waited) -> int:
    from rota.model.states import State

    if waited.timed_out:
        return exits.TIMED_OUT
    return exits.OK if all(job.state is State.COMPLETED for job in waited.done) else exits.FAILED


@command(app, "cancel")
def cancel(
    jobs: Selectors,
    grace: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How long a running job may take before it is killed.")
    ] = None,
) -> None:
    """Cancel jobs.

    A running one is asked first, then ended by force. Cancelling twice is no error.
    """
    from rota.app import background
    from rota.cli.run import seconds

    made = ready_context()
    span = seconds("--grace", grace)
    for job in jobs:
        state = background.cancel(made, job, span)
        wish = " (asked to stop)" if state == "running" else ""
        output.data(f"{job}  {state}{wish}")
