"""`rota lock` and `rota unlock`: keep jobs from starting while somebody works on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli import output
from rota.cli.command import command, ready_context, wants_json

if TYPE_CHECKING:
    from datetime import datetime

    from rota.app.context import Context
    from rota.app.locks import Held

LOOK_SECONDS = 0.2
"""How often the holder of the exclusive lock looks whether it has ended."""

Name = Annotated[str, typer.Argument(metavar="NAME", help="scheduled-jobs, jobs or exclusive")]


def add_to(app: typer.Typer) -> None:
    command(app, "lock")(lock)
    command(app, "unlock")(unlock)


def lock(
    name: Name,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown to everybody.")],
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="When it ends by itself: 2026-12-31T18:00, or 2h from now.")
    ] = None,
    timeout: Annotated[
        str | None, typer.Option(metavar="DURATION", help="exclusive: how long to wait for running jobs; exit 124.")
    ] = None,
    lease: Annotated[
        str, typer.Option(metavar="DURATION", help="exclusive: how long a silent holder keeps it.")
    ] = "15s",
) -> None:
    """Keep jobs from starting.

    scheduled-jobs: no scheduled job starts. jobs: no job of any kind starts. exclusive: the same, and the command says
    so once no job runs; it holds the lock until it is interrupted.
    """
    from rota.app import locks
    from rota.cli.moments import read_moment, read_seconds
    from rota.model.lock import LockName

    made = ready_context()
    end = read_moment("--until", until, made.now())
    limit, lease_seconds = read_seconds("--timeout", timeout), read_seconds("--lease", lease) or 0
    if name == LockName.EXCLUSIVE:
        _hold(made, reason=reason, until=end, timeout=limit, lease=lease_seconds)
        return
    taken = locks.lock(made, name, reason=reason, until=end)
    if wants_json():
        output.json(taken.to_data())
    else:
        output.data(f"{name} locked until {output.when(taken.until) if taken.until else 'it is unlocked'}")


def _hold(made: Context, *, until: datetime | None, **values: Any) -> None:
    """Hold the exclusive lock until SIGINT or SIGTERM comes, or it is lost. Either ends the wait for it, too."""
    from rota.app import locks
    from rota.model.errors import LockLost
    from rota.model.lock import LockName
    from rota.runtime.stopping import interrupt_on_signals

    try:
        with interrupt_on_signals(), locks.hold(made, LockName.EXCLUSIVE, until=until, **values) as held:
            if wants_json():
                output.json(held.lock.to_data())
            else:
                output.data("exclusive locked: no job runs; Ctrl-C ends it")
            _wait_for_the_end(made, held)
    except LockLost:
        if until is None or made.now() < until:
            raise
        output.note("exclusive unlocked: its time is over")


def _wait_for_the_end(made: Context, held: Held) -> None:
    from rota.runtime.stopping import StopRequest, stop_on_signals

    until = held.lock.until
    with stop_on_signals(StopRequest()) as request:
        while not held.lost.is_set() and not (until and made.now() >= until) and not request.wait(LOOK_SECONDS):
            pass


def unlock(
    name: Name, reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept in the audit log.")] = None
) -> None:
    """Let jobs start again."""
    from rota.app import locks

    freed = locks.unlock(ready_context(), name, reason)
    if wants_json():
        output.json(freed.to_data())
    else:
        output.data(f"{name} unlocked; {freed.holder} had locked it since {output.when(freed.since)}")
