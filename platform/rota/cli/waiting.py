"""Waiting for background jobs on the command line: the option, what is shown, and the exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import exits, output
from rota.cli.command import wants_json
from rota.cli.visible import in_one_line

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.app.waiting import Waited
    from rota.model.background_job import BackgroundJob

_MOST_NAMED = 3

Timeout = Annotated[str | None, typer.Option(metavar="DURATION", help="Wait no longer; exit 124 when time is over.")]


def wait_for_started(made: Context, job: str, limit: float | None) -> None:
    """Say which job was started, so that it can be found whatever becomes of the wait, and wait for it."""
    # Ctrl-C in the middle of an import would end Python with a signal instead of our exit code: import first.
    from rota.app import waiting

    output.note(f"started {job}")
    with leaving_alone([job], "wait"):
        waited = waiting.wait(made, [job], timeout=limit)
    if wants_json():
        output.json(_jobs_of(waited)[0].to_data())
    else:
        _show_each(waited)
    raise typer.Exit(_verdict(waited))


def wait_for(made: Context, ids: list[str], limit: float | None, *, any_: bool) -> None:
    """Wait, show the jobs and end the command with the exit code that their ends call for."""
    from rota.app import waiting

    with leaving_alone(ids, "wait"):
        waited = waiting.wait(made, ids, timeout=limit, any_=any_)
    if wants_json():
        output.json([job.to_data() for job in _jobs_of(waited)])
    else:
        _show_each(waited)
    raise typer.Exit(_verdict(waited))


@contextmanager
def leaving_alone(ids: Sequence[str], how: str) -> Iterator[None]:
    """Ctrl-C while inside says that it is no cancel, and how to go on: with which command of `rota jobs`."""
    try:
        yield
    except KeyboardInterrupt:
        those = "the job is" if len(ids) == 1 else f"{len(ids)} jobs are"
        named = " ".join([*ids[:_MOST_NAMED], "..."] if len(ids) > _MOST_NAMED else ids)
        output.note(f"interrupted; {those} left alone: `rota jobs {how} {named}` goes on from here")
        raise


def _jobs_of(waited: Waited) -> list[BackgroundJob]:
    return [*waited.done, *waited.pending]


def _show_each(waited: Waited) -> None:
    for job in _jobs_of(waited):
        output.data(f"{job.id}  {job.state}" + (f"  {in_one_line(job.reason)}" if job.reason else ""))


def _verdict(waited: Waited) -> int:
    from rota.model.states import State

    if waited.timed_out:
        return exits.TIMED_OUT
    return exits.OK if all(job.state is State.COMPLETED for job in waited.done) else exits.FAILED
