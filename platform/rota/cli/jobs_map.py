"""`rota jobs map`: a method over items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rota.cli import output
from rota.cli.command import command, ready_context, wants_json
from rota.cli.values import read_lines
from rota.cli.waiting import Timeout, wait_for_started


def add_to(app: typer.Typer) -> None:
    command(app, "map")(map_)


def map_(
    method: Annotated[str, typer.Argument(metavar="METHOD", help="module:function")],
    items: Annotated[list[str] | None, typer.Argument(metavar="ITEM...", help="A value each, as YAML.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--items", metavar="FILE", help="A file with an item on each line; - is standard input."),
    ] = None,
    parallel: Annotated[int, typer.Option(metavar="N", min=1, help="How many at once.")] = 32,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="At most one active job per method has a key.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A name for people.")] = None,
    executor: Annotated[str, typer.Option(metavar="NAME", help="Where to run.")] = "process",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end; exit 1 unless it completes.")] = False,
    timeout: Timeout = None,
) -> None:
    """Start a method once for each item.

    The jobs are children of one, whose id is printed.

    An item that is a mapping or a list holds the parameters, any other is the first one.
    """
    from rota.app import background, mapping
    from rota.app.start_options import Start
    from rota.app.starting import Starter
    from rota.cli.moments import read_seconds
    from rota.cli.values import read_values
    from rota.model.errors import UsageError

    if not items and file is None:
        raise UsageError("give items, or a file of them with --items")
    limit = read_seconds("--timeout", timeout)
    values = read_values([*(items or ()), *(read_lines(file) if file else ())])
    made = ready_context()
    how = Start(key=key, name=name, executor=executor)
    started = mapping.start_map(made, Starter(made), method, values, how, parallel=parallel)
    if wait:
        wait_for_started(made, started, limit)
    elif wants_json():
        output.json(background.get(made, started).to_data())
    else:
        output.data(started)
