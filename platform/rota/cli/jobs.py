"""`rota jobs`: background jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import jobs_cancel, jobs_map, jobs_receive, output
from rota.cli.command import command, group, ready_context, wants_json
from rota.cli.selecting import Selectors, States, chosen, state_of
from rota.cli.values import instant, read_pairs
from rota.cli.waiting import Timeout, wait_for, wait_for_started

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.app.start_options import Start
    from rota.model.background_job import BackgroundJob

app = group("Background jobs: start, look, wait, receive, cancel, remove.")

Selector = Annotated[str, typer.Argument(metavar="JOB", help="Id, beginning of an id, or name of the newest one.")]


@command(app, "start")
def start(
    method: Annotated[
        list[str], typer.Argument(metavar="METHOD...", help="module:function; with --command a program.")
    ],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter; its value is YAML."),
    ] = None,
    key: Annotated[str | None, typer.Option(help="At most one active job per method has a key.")] = None,
    name: Annotated[str | None, typer.Option(help="A name for people.")] = None,
    is_command: Annotated[
        bool, typer.Option("--command", help="Start a program instead: --command -- PROGRAM ARGUMENT...")
    ] = False,
    executor: Annotated[str | None, typer.Option(help="Where to run [default: process].", show_default=False)] = None,
    priority: Annotated[int, typer.Option(help="Higher goes first.")] = 0,
    on_conflict: Annotated[str, typer.Option(help="Where the key is taken: error, skip or wait.")] = "error",
    id_: Annotated[str | None, typer.Option("--id", help="An id of your own: again, it finds the job.")] = None,
    delay: Annotated[str | None, typer.Option(metavar="DURATION", help="Start it this much later.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end; exit 1 unless it completes.")] = False,
    timeout: Timeout = None,
) -> None:
    """Start a method, or a program; prints the job's id."""
    from rota.app import background
    from rota.app.start_options import Start
    from rota.cli.run import seconds

    limit = seconds("--timeout", timeout)
    made = ready_context()
    how = Start(
        id=id_,
        key=key,
        name=name,
        executor=executor or ("command" if is_command else "process"),
        priority=priority,
        delay=seconds("--delay", delay),
        on_conflict=on_conflict,  # type: ignore[arg-type]  # what it may be is checked with the rest
    )
    started = _start_command(made, method, parameter, how) if is_command else _start(made, method, parameter, how)
    if wait:
        wait_for_started(made, started, limit)
        return
    if wants_json():
        output.json(background.get(made, started).to_data())
    else:
        output.data(started)
    if not made.engine_is_active():
        output.note("no engine is running on this database: it starts with the next `rota run`")
    _say_if_locked(made)


def _say_if_locked(made: Context) -> None:
    from rota.app import locks
    from rota.model.lock import STOP_JOBS

    for lock in locks.select(made):
        if lock.name in STOP_JOBS:
            output.note(f"it starts once that has ended: {lock.wording}")


def _start(made: Context, method: list[str], parameters: list[str] | None, how: Start) -> str:
    from rota.app.starting import Starter
    from rota.model.errors import UsageError

    if len(method) != 1:
        raise UsageError(f"one method, not {len(method)}; a program needs --command before it")
    return Starter(made).start(method[0], read_pairs(parameters or []) or None, how).id


def _start_command(made: Context, argv: list[str], parameters: list[str] | None, how: Start) -> str:
    from rota.app.commands import start_command
    from rota.app.starting import Starter
    from rota.model.command import Command
    from rota.model.errors import UsageError

    if parameters:
        raise UsageError("a command takes no parameters; put them behind the program as arguments")
    return start_command(made, Starter(made), Command(argv=tuple(argv)), how).id


@command(app, "list")
def list_(
    state: Annotated[list[str] | None, typer.Option(help="Only in this state; may be given several times.")] = None,
    name: Annotated[str | None, typer.Option(help="Only names like this; * stands for anything.")] = None,
    method: Annotated[str | None, typer.Option(help="Only of this method.")] = None,
    key: Annotated[str | None, typer.Option(help="Only with this key.")] = None,
    scheduled_job: Annotated[str | None, typer.Option(help="Only runs of this scheduled job.")] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only with something that you have not received.")] = False,
    children: Annotated[bool, typer.Option("--children", help="Those that other jobs started, too.")] = False,
    after: Annotated[str | None, typer.Option(metavar="TIME", help="Only ended after this time.")] = None,
    before: Annotated[str | None, typer.Option(metavar="TIME", help="Only ended before this time.")] = None,
    newest: Annotated[int, typer.Option(min=1, help="How many at most.")] = 100,
) -> None:
    """List background jobs, newest first."""
    from rota.app import background, scheduled

    made = ready_context()
    wanted = background.Filter(
        states=tuple(state_of(each) for each in state or ()),
        name=name,
        method=method,
        key=key,
        scheduled_job=scheduled.find(made, scheduled_job).id if scheduled_job else None,
        children=children,
        unread_by=made.user if unread else None,
        ended_after=instant("--after", after),
        ended_before=instant("--before", before),
        newest=newest,
    )
    jobs = background.select(made, wanted)
    if wants_json():
        output.json([job.to_data() for job in jobs])
        return
    columns = ("ID", "NAME", "STATE", "ATTEMPT", "BEGIN", "TOOK", "REASON")
    output.table(columns, [_row(job) for job in jobs], none="no background jobs")


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
    jobs: Selectors = None,
    state: States = None,
    timeout: Timeout = None,
    any_: Annotated[bool, typer.Option("--any", help="Until one is finished, instead of all.")] = False,
) -> None:
    """Wait until jobs are finished.

    Exit 1 unless all of them completed, 124 when time is over.
    """
    from rota.cli.run import seconds

    limit = seconds("--timeout", timeout)
    made = ready_context()
    wait_for(made, chosen(made, jobs, state), limit, any_=any_)


for module in (jobs_cancel, jobs_receive, jobs_map):
    module.add_to(app)
