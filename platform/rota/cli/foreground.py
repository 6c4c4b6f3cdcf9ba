"""An engine in the foreground: what `rota run` and `rota dev` share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rota.cli import exits, output
from rota.cli.command import wants_json
from rota.cli.surroundings import surroundings

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.app.reloading import Reloader
    from rota.app.runner import Until
    from rota.model.event import Announce


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Configurations to apply, and to apply again whenever they change. `tolerant`: also where they are wrong at first.

    `code` has their methods checked; with `poll` no file events are waited for.
    """

    folders: list[Path]
    code: bool
    poll: bool
    tolerant: bool = False


def run_engine(
    made: Context,
    until: Until,
    *,
    follow: Follow | None,
    scheduling: bool = True,
    lease: float | None = None,
    quiet: bool = False,
) -> None:
    """Run it until it is told to stop; what happens is told on stderr, a line each. Raises `NotPermitted`."""
    from rota.app import rights
    from rota.app.runner import run
    from rota.app.wiring import make_supervisor
    from rota.cli.live import LiveLines
    from rota.model.acts import Act
    from rota.runtime.collecting import collect_as_usual
    from rota.runtime.stopping import StopRequest, stop_on_signals

    with (
        LiveLines(quiet=quiet, as_json=wants_json()) as lines,
        stop_on_signals(StopRequest()) as request,
        _followed(made, follow, lines.tell) as reloader,
    ):
        rights.require(made, Act.ENGINE_RUN)
        supervisor = make_supervisor(made, lines.tell, scheduling=scheduling, lease=lease, reloader=reloader)
        collect_as_usual()
        stopped = run(supervisor, made.clock, until, request)
    if stopped.failure is not None:
        output.note(f"rota: the engine stopped because a part of it failed: {stopped.failure}")
        raise typer.Exit(exits.FAILED)


@contextmanager
def _followed(made: Context, follow: Follow | None, tell: Announce) -> Iterator[Reloader | None]:
    if follow is None:
        yield None
        return
    from rota.app.reloading import Reloader

    reloader = Reloader(made, follow.folders, tell, surroundings=surroundings(), code=follow.code, poll=follow.poll)
    try:
        reloader.begin(tolerant=follow.tolerant)
        yield reloader
    finally:
        reloader.close()
