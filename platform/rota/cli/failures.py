"""What a command failed with, in one clear line on stderr, and its exit code. Used by main."""

from __future__ import annotations

from rota.app.settings import wants_traceback
from rota.cli import exits, output, streams
from rota.cli.output import OutputError
from rota.cli.problems import show as show_problems
from rota.model.errors import ConfigurationError, RotaError


def show(error: Exception) -> int:
    """Say what went wrong; returns the exit code."""
    if isinstance(error, ConfigurationError):
        show_problems(error.problems)
        return exits.FAILED
    if isinstance(error, RotaError):
        output.note(f"rota: {error}")
        for line in getattr(error, "__notes__", ()):
            output.note(line)
        return exits.code_of(error)
    if isinstance(error, OutputError):
        return _stop_writing(error)
    if wants_traceback():
        import traceback

        output.note("".join(traceback.format_exception(error)).rstrip())
    line = " ".join(str(error).split())
    if isinstance(error, OSError):
        output.note(f"rota: {line}")  # the machine's trouble, not ours: a full disk, a denied access
        return exits.FAILED
    output.note(f"rota: unexpected {type(error).__name__}: {line}")
    output.note("This is a mistake in Rota: please report it, with what ROTA_TRACEBACK=1 shows.")
    return exits.FAILED


def _stop_writing(error: OutputError) -> int:
    streams.abandon_stdout()
    if error.reader_left:
        return exits.OK
    output.note(f"rota: {error}")
    return exits.FAILED
