"""`rota jobs start`: a method, or a program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rota.cli import output
from rota.cli.command import command, ready_context, wants_json
from rota.cli.values import read_numbers, read_pairs, read_texts
from rota.cli.waiting import Timeout, wait_for_started

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.app.start_options import Start
    from rota.model.command import Command


def add_to(app: typer.Typer) -> None:
    command(app, "start")(start)


def start(
    method: Annotated[
        list[str], typer.Argument(metavar="METHOD...", help="module:function; with --command a program.")
    ],
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="A parameter; its value is YAML."),
    ] = None,
    key: Annotated[str | None, typer.Option(metavar="KEY", help="At most one active job per method has a key.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="A name for people.")] = None,
    is_command: Annotated[
        bool, typer.Option("--command", help="Start a program instead: --command -- PROGRAM ARGUMENT...")
    ] = False,
    environment: Annotated[
        list[str] | None,
        typer.Option("--environment", metavar="NAME=VALUE", help="With --command: a variable of the program."),
    ] = None,
    working_directory: Annotated[
        str | None,
        typer.Option("--working-directory", metavar="FOLDER", help="With --command: where the program runs."),
    ] = None,
    ok_exit_codes: Annotated[
        str | None,
        typer.Option("--ok-exit-codes", metavar="N,N", help="With --command: those that mean success [default: 0]."),
    ] = None,
    executor: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where to run [default: process].", show_default=False)
    ] = None,
    priority: Annotated[int, typer.Option(metavar="N", help="Higher goes first.")] = 0,
    on_conflict: Annotated[
        str, typer.Option(metavar="error|skip|wait", help="What to do where the key is taken.")
    ] = "error",
    id_: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="An id of your own: again, it finds the job.")
    ] = None,
    delay: Annotated[str | None, typer.Option(metavar="DURATION", help="Start it this much later.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for its end; exit 1 unless it completes.")] = False,
    timeout: Timeout = None,
) -> None:
    """Start a method, or a program; prints the job's id."""
    from rota.app import background
    from rota.app.start_options import Start
    from rota.cli.moments import read_seconds

    limit = read_seconds("--timeout", timeout)
    program = _program(method, environment, working_directory, ok_exit_codes) if is_command else None
    if program is None:
        _require_method(method, environment or working_directory or ok_exit_codes)
    made = ready_context()
    how = Start(
        id=id_,
        key=key,
        name=name,
        executor=executor or ("command" if is_command else "process"),
        priority=priority,
        delay=read_seconds("--delay", delay),
        on_conflict=on_conflict,  # type: ignore[arg-type]  # what it may be is checked with the rest
    )
    started = _start_command(made, program, parameter, how) if program else _start(made, method[0], parameter, how)
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


def _require_method(method: list[str], surroundings: object) -> None:
    from rota.model.errors import UsageError

    if len(method) != 1:
        raise UsageError(f"one method, not {len(method)}; a program needs --command before it")
    if surroundings:
        raise UsageError("--environment, --working-directory and --ok-exit-codes go with --command")


def _start(made: Context, method: str, parameters: list[str] | None, how: Start) -> str:
    from rota.app.starting import Starter

    return Starter(made).start(method, read_pairs(parameters or []) or None, how).id


def _program(argv: list[str], environment: list[str] | None, folder: str | None, codes: str | None) -> Command:
    """The command with what is around it; a relative folder is meant from here."""
    from rota.model.command import Command

    return Command(
        argv=tuple(argv),
        environment=read_texts(environment or []),
        working_directory=str(Path(folder).absolute()) if folder and folder.strip() else folder,
        **({"ok_exit_codes": read_numbers("--ok-exit-codes", codes)} if codes else {}),
    )


def _start_command(made: Context, program: Command, parameters: list[str] | None, how: Start) -> str:
    from rota.app.commands import start_command
    from rota.app.starting import Starter
    from rota.model.errors import UsageError

    if parameters:
        raise UsageError("a command takes no parameters; put them behind the program as arguments")
    return start_command(made, Starter(made), program, how).id
