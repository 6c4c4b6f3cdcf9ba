"""`rota jobs`: background jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import jobs_cancel, jobs_map, jobs_receive, jobs_start, output
from rota.cli.command import command, group, ready_context, wants_json
from rota.cli.selecting import Selectors, States, chosen, state_of
from rota.cli.waiting import Timeout, wait_for

if TYPE_CHECKING:
    from rota.model.background_job import BackgroundJob

app = group("Background jobs: start, look, wait, receive, cancel, remove.")

Selector = Annotated[str, typer.Argument(metavar="JOB", help="Id, beginning of an id, or name of the newest one.")]


jobs_start.add_to(app)


@command(app, "list")
def list_(
    state: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only in this state; may be given several times.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="Only names like this; * stands for anything.")
    ] = None,
    method: Annotated[str | None, typer.Option(metavar="PATTERN", help="Only of methods like this.")] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="Only with this key.")] = None,
    scheduled_job: Annotated[str | None, typer.Option(metavar="NAME", help="Only runs of this scheduled job.")] = None,
    unread: Annotated[bool, typer.Option("--unread", help="Only with something that you have not received.")] = False,
    children: Annotated[bool, typer.Option("--children", help="Those that other jobs started, too.")] = False,
    after: Annotated[str | None, typer.Option(metavar="TIME", help="Only ended after this time.")] = None,
    before: Annotated[str | None, typer.Option(metavar="TIME", help="Only ended before this time.")] = None,
    newest: Annotated[int, typer.Option(metavar="N", min=1, help="How many at most.")] = 100,
) -> None:
    """List background jobs, newest first."""
    from rota.app import background, scheduled
    from rota.cli.moments import read_moment

    made = ready_context()
    now = made.now()
    wanted = background.Filter(
        states=tuple(state_of(each) for each in state or ()),
        name=name,
        method=method,
        key=key,
        scheduled_job=scheduled.find(made, scheduled_job).id if scheduled_job else None,
        children=children,
        unread_by=made.user if unread else None,
        ended_after=read_moment("--after", after, now, back=True),
        ended_before=read_moment("--before", before, now, back=True),
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
    from rota.cli.moments import read_seconds

    limit = read_seconds("--timeout", timeout)
    made = ready_context()
    wait_for(made, chosen(made, jobs, state), limit, any_=any_)


for module in (jobs_cancel, jobs_receive, jobs_map):
    module.add_to(app)
