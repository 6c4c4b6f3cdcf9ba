"""Ad-hoc commands: background jobs that run a program which no definition names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rota.app import rights
from rota.app.context import Context
from rota.app.start_options import Start
from rota.app.starting import Prepared, Starter
from rota.model.acts import Act
from rota.model.background_job import BackgroundJob, NewJob
from rota.model.command import Command
from rota.model.errors import UsageError
from rota.model.ids import new_id

EXECUTOR = "command"
"""Where they run: the built-in executor, since they belong to no configuration."""


def start_command(context: Context, starter: Starter, command: Command, how: Start) -> BackgroundJob:
    """Start a job that runs one command. Raises `NotPermitted`, `UsageError`, `KeyInUse`, `IdInUse`.

    A key is unique among the ad-hoc runs of one program.
    """
    return starter.decide(Act.JOB_START_COMMAND, lambda _: _prepare(context, command, how), starter.store)


def _prepare(context: Context, command: Command, how: Start) -> Prepared:
    how.require_sound((EXECUTOR,), "commands")
    _require_sound(command)
    if context.store.is_sqlite:
        _require_folder(command)
    now = context.now()
    program = Path(command.argv[0]).name
    new = NewJob(
        id=how.id or new_id(),
        command=command,
        name=how.name or program,
        key=how.key,
        key_scope=f"command {program}",
        user=context.user,
        executor=EXECUTOR,
        priority=how.priority,
        retry=how.retry,
        timeout=how.timeout,
        due_at=how.due(now),
        created_at=now,
    )
    # No configuration has a say in it.
    return Prepared(new, [(new.id, None)], EXECUTOR, how, rights.grounds(context, Act.JOB_START_COMMAND, None))


def _require_sound(command: Command) -> None:
    """What could never run, or would run elsewhere than the caller thinks, is refused here and now."""
    if not command.argv or not command.argv[0]:
        raise UsageError("a command needs a program to run")
    if not isinstance(command.environment, Mapping):
        raise UsageError(f"environment is a mapping of texts, not {command.environment!r}")
    if not isinstance(command.ok_exit_codes, list | tuple):
        raise UsageError(f"ok_exit_codes is a list of numbers, not {command.ok_exit_codes!r}")
    texts = (*command.argv, *command.environment, *command.environment.values())
    if any(not isinstance(text, str) or "\0" in text for text in texts):
        raise UsageError("arguments and variables of a command are text without NUL characters")
    folder = command.working_directory
    if folder is not None and not Path(folder).is_absolute():
        raise UsageError(f"working_directory {folder!r} is relative, and the engine runs in a folder of its own")
    if not all(isinstance(code, int) and 0 <= code <= 255 for code in command.ok_exit_codes):
        raise UsageError("exit codes are numbers from 0 to 255")


def _require_folder(command: Command) -> None:
    """On SQLite the engine is on this machine: a folder that it would not find is not there."""
    folder = command.working_directory
    if folder is not None and not Path(folder).is_dir():
        raise UsageError(f"working_directory {folder!r} is no folder")
