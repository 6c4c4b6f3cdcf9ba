"""`rota jobs receive`: what jobs emitted, each record once for each consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import exits, output
from rota.cli.command import command, ready_context, wants_json
from rota.cli.selecting import Selectors, States, chosen
from rota.cli.waiting import leaving_alone

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.app.receiving import Wanted
    from rota.model.record import Record


def add_to(app: typer.Typer) -> None:
    command(app, "receive")(receive)


def receive(
    jobs: Selectors = None,
    state: States = None,
    keep: Annotated[bool, typer.Option("--keep", help="Receive it again the next time.")] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until the job ends; exit 1 unless it completes.")
    ] = False,
    timeout: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Follow all of them no longer; exit 124 when it is over."),
    ] = None,
    from_start: Annotated[bool, typer.Option("--from-start", help="Everything, received or not.")] = False,
    tail: Annotated[int | None, typer.Option(min=0, metavar="N", help="The last N records, received or not.")] = None,
    stream: Annotated[
        list[str] | None, typer.Option(metavar="STREAM", help="Only this stream; may be given several times.")
    ] = None,
    child: Annotated[str | None, typer.Option(metavar="ID", help="Only this child of the job.")] = None,
    no_children: Annotated[bool, typer.Option("--no-children", help="Only what the job itself emitted.")] = False,
    consumer: Annotated[str | None, typer.Option(metavar="NAME", help="Who receives [default: the user].")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="With --follow: remove the job once it has ended.")] = False,
) -> None:
    """Show what jobs emitted and you have not received yet.

    As JSON it is one object a line.
    """
    from rota.app import receiving
    from rota.cli.moments import read_seconds
    from rota.model.errors import UsageError

    if (remove or timeout) and not follow:
        raise UsageError("--remove and --timeout go with --follow")
    wanted = receiving.Wanted(
        consumer=consumer,
        streams=stream or (),
        children=not no_children,
        keep=keep,
        from_start=from_start,
        tail=tail,
    )
    limit = read_seconds("--timeout", timeout)
    made = ready_context()
    ids = chosen(made, jobs, state)
    if child is not None:
        ids = [_child(made, parent, child) for parent in ids]
    elif wanted.children:
        ids = receiving.without_repeats(made, ids)
    if not follow:
        for job in ids:
            deliver(made, job, wanted)
        return
    with leaving_alone(ids, "receive --follow"):
        _follow_all(made, ids, wanted, limit)
    raise typer.Exit(_verdict(made, ids, remove=remove))


def _follow_all(made: Context, ids: list[str], wanted: Wanted, limit: float | None) -> None:
    """One after the other; the limit is one for all."""
    end = None if limit is None else made.clock.monotonic() + limit
    for job in ids:
        left = None if end is None else max(end - made.clock.monotonic(), 0)
        deliver(made, job, wanted, follow=True, timeout=left)


def deliver(made: Context, job: str, wanted: Wanted, *, follow: bool = False, timeout: float | None = None) -> None:
    """Write the records of one job; what could not be written was not received."""
    from rota.app import receiving

    def take(record: Record) -> None:
        output.delivery(output.json_line(record.to_data()) if wants_json() else _text(record, job))

    receiving.deliver(made, job, wanted, take, follow=follow, timeout=timeout)


def _child(made: Context, parent: str, selector: str) -> str:
    from rota.app import background
    from rota.model.errors import JobNotFound, UsageError

    children = background.select(made, background.Filter(parent=parent, newest=None))
    found = [each.id for each in children if each.id.startswith(selector) or each.name == selector]
    if not found:
        raise JobNotFound(f"child of {parent}", selector)
    if len(found) > 1:
        raise UsageError(f"{selector!r} stands for several children; give more of the id")
    return found[0]


def _verdict(made: Context, ids: list[str], *, remove: bool) -> int:
    from rota.app import background, removal
    from rota.model.states import State

    jobs = background.get_all(made, ids)
    if any(not job.finished for job in jobs):
        return exits.TIMED_OUT
    if remove:
        for job in ids:
            removal.remove_job(made, job)
    return exits.OK if all(job.state is State.COMPLETED for job in jobs) else exits.FAILED


def _text(record: Record, job: str) -> str:
    from rota.app.logs import short, words

    of_child = f"{short(record.job)}  " if record.job != job else ""
    lead = f"{output.when(record.at)}  {of_child}{record.stream:<8}  "
    return lead + output.hanging(words(record.stream, record.data), len(lead))
