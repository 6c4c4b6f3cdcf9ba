"""`rota dev`: the engine of somebody who is writing a configuration or its methods."""

from __future__ import annotations

from typing import Annotated

import typer

from rota.cli.arguments import Config, NoCode, Poll
from rota.cli.command import command, context
from rota.cli.foreground import Follow, run_engine
from rota.cli.surroundings import SURROUNDINGS

Grace = Annotated[str, typer.Option(metavar="DURATION", help="How long running jobs may take to end when it stops.")]


def add_to(app: typer.Typer) -> None:
    command(app, "dev", also=SURROUNDINGS)(dev)


def dev(config: Config = None, grace: Grace = "5s", no_code: NoCode = False, poll: Poll = False) -> None:
    """Run the engine here, and apply CONFIG again with every save.

    What is wrong is shown and changes nothing, also at the start; the next good save goes on. Changed modules are used
    by the next run of their methods. It runs until Ctrl-C.
    """
    from rota.app.folders import require_folders
    from rota.app.runner import Until
    from rota.cli.moments import read_seconds

    until = Until(grace=read_seconds("--grace", grace) or 0)
    follow = Follow(folders=require_folders(config or ()), code=not no_code, poll=poll, tolerant=True)
    run_engine(context(), until, follow=follow)
