"""Every error of Rota has an exit code on purpose."""

from __future__ import annotations

import pytest

from rota.cli import exits
from rota.model import errors

EXPECTED = {
    "UsageError": exits.USAGE,
    "BadParameters": exits.USAGE,
    "UnknownMethod": exits.NOT_FOUND,
    "JobNotFound": exits.NOT_FOUND,
    "UserNotFound": exits.NOT_FOUND,
    "MethodNotAllowed": exits.CONFLICT,
    "UpdateRefused": exits.CONFLICT,
    "EmptyConfiguration": exits.CONFLICT,
    "DefinitionInUse": exits.CONFLICT,
    "IdInUse": exits.CONFLICT,
    "KeyInUse": exits.CONFLICT,
    "PredefinedJobError": exits.CONFLICT,
    "WrongState": exits.CONFLICT,
    "StalePlan": exits.CONFLICT,
    "Locked": exits.CONFLICT,
    "LockLost": exits.CONFLICT,
    "StillRunning": exits.TIMED_OUT,
    "NotPermitted": exits.CONFLICT,
    "EngineAlreadyActive": exits.CONFLICT,
    "EngineNotActive": exits.CONFLICT,
    "ConfigurationError": exits.FAILED,
    "DatabaseNewer": exits.FAILED,
    "DatabaseOlder": exits.FAILED,
    "DatabaseUnavailable": exits.FAILED,
    "DatabaseUnusable": exits.FAILED,
    "LastingError": exits.FAILED,
    "TemporaryError": exits.FAILED,
    "RotaError": exits.FAILED,
    "PermanentFailure": exits.FAILED,
}
NEVER_SHOWN = {"JobCancelled"}
"""Raised inside a method only; no command meets it."""


def test_the_table_is_complete() -> None:
    assert EXPECTED.keys() | NEVER_SHOWN == set(errors.__all__)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_code(name: str) -> None:
    kind = getattr(errors, name)
    assert exits.code_of(kind.__new__(kind)) == EXPECTED[name]
