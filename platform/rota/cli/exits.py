"""Exit codes: decided here and nowhere else."""

from __future__ import annotations

from rota.model import errors

OK = 0
FAILED = 1
USAGE = 2
NOT_FOUND = 3
CONFLICT = 4
TIMED_OUT = 124
INTERRUPTED = 130

CHANGES = 2
"""`plan --detailed-exitcode`: there are changes."""

_CODES: tuple[tuple[type[errors.RotaError], int], ...] = (
    (errors.UsageError, USAGE),
    (errors.BadParameters, USAGE),
    (errors.UnknownMethod, NOT_FOUND),
    (errors.JobNotFound, NOT_FOUND),
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


def code_of(error: errors.RotaError) -> int:
    """The exit code for an error that reached the command line."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)
