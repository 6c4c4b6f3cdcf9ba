"""Exit codes: decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

from rota.model import errors

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
CONFLICT = 4
TIMED_OUT = 124
INTERRUPTED = 130

CHANGES = 2
DETAILED = "--detailed-exitcode"
"""With this option `plan` exits with `CHANGES` where there are some, and with `FAILED` for errors of every kind."""


class ThereAreChanges(Exception):
    """A plan was made that `DETAILED` is told of."""


_CODES: tuple[tuple[type[errors.RotaError], int], ...] = (
    (errors.UsageError, USAGE),
    (errors.BadParameters, USAGE),
    (errors.UnknownMethod, NOT_FOUND),
    (errors.JobNotFound, NOT_FOUND),
    (errors.RevisionNotFound, NOT_FOUND),
    (errors.UserNotFound, NOT_FOUND),
    (errors.MethodNotAllowed, CONFLICT),
    (errors.UpdateRefused, CONFLICT),
    (errors.KeyInUse, CONFLICT),
    (errors.IdInUse, CONFLICT),
    (errors.PredefinedJobError, CONFLICT),
    (errors.WrongState, CONFLICT),
    (errors.StalePlan, CONFLICT),
    (errors.Locked, CONFLICT),
    (errors.LockLost, CONFLICT),
    (errors.StillRunning, TIMED_OUT),
    (errors.NotPermitted, CONFLICT),
    (errors.EngineAlreadyActive, CONFLICT),
    (errors.EngineNotActive, CONFLICT),
)


def of_call(code: int, arguments: Sequence[str]) -> int:
    """The exit code of a call with these arguments that would end with `code` without `DETAILED`."""
    return code if code in (OK, INTERRUPTED) or DETAILED not in arguments else FAILED


def code_of(error: errors.RotaError) -> int:
    """The exit code for an error that reached the command line."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)
