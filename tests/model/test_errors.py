"""Every error says what is wrong and belongs to the family that tells a caller what to do."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime

import pytest

from rota.model import errors
from rota.model.lock import Lock, LockName
from rota.model.problem import Problem

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
LOCK = Lock(name=LockName.JOBS, holder="ann", reason="a new disk", since=NOW)


def test_every_error_of_rota_may_be_gone_next_time_or_never() -> None:
    of_methods = {"PermanentFailure", "JobCancelled"}
    roots = {"RotaError", "TemporaryError", "LastingError"}
    for name in set(errors.__all__) - roots - of_methods:
        kind = getattr(errors, name)
        assert issubclass(kind, errors.TemporaryError) != issubclass(kind, errors.LastingError), name


def test_a_broad_except_in_a_method_does_not_swallow_a_cancellation() -> None:
    assert not issubclass(errors.JobCancelled, Exception)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.UnknownMethod("m:f", "no module m"), "cannot resolve method m:f: no module m"),
        (errors.MethodNotAllowed("m:f", ["a", "b"]), "method m:f is not allowed; modules that may be called: a, b"),
        (
            errors.MethodNotAllowed("m:f", []),
            "method m:f is not allowed; modules that may be called: none: no configuration has been applied",
        ),
        (errors.MethodNotAllowed("m:_f", ["m"], "it is private"), "method m:_f is not allowed; it is private"),
        (
            errors.BadParameters("m:f", ["a is missing", "b is odd"]),
            "parameters do not fit m:f: a is missing; b is odd",
        ),
        (errors.JobNotFound("background job", "x"), "no background job 'x'"),
        (errors.JobNotFound("scheduled job", "x", "y"), "no scheduled job 'x'; did you mean 'y'?"),
        (errors.KeyInUse("k", "j"), "key 'k' is in use by background job j"),
        (errors.IdInUse("j", ["method", "key"]), "background job 'j' exists and was started with another method, key"),
        (errors.UserNotFound("ann"), "there is no user 'ann'; an administrator makes one with `rota users add`"),
        (errors.NotPermitted("ann", "lock.take", "no"), "user 'ann' may not do this (lock.take): no"),
        (errors.NotPermitted("ann", None, "disabled"), "user 'ann' may not act: disabled"),
        (errors.ConfigurationError([Problem(message="odd", code="x")]), "1 problem in the configuration"),
        (errors.ConfigurationError([Problem(message="odd", code="x")] * 2), "2 problems in the configuration"),
        (errors.RevisionNotFound("shop", 7), "configuration shop has no revision 7"),
        (errors.RevisionNotFound("shp", hint="shop"), "no configuration 'shp' is applied; did you mean 'shop'?"),
        (errors.RevisionNotFound(None), "no configuration is applied"),
        (errors.Locked(LOCK), "jobs is locked by ann since 2026-05-04 12:00:00 UTC: a new disk"),
        (
            errors.StillRunning(["a"], 2.5),
            "1 job runs after 2.5 s still: a; the lock was given back",
        ),
        (
            errors.StillRunning(list("abcdefg"), 60),
            "7 jobs run after 60 s still: a, b, c, d, e, ...; the lock was given back",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_texts(error: errors.RotaError, text: str) -> None:
    assert str(error) == text


def test_a_predefined_job_names_the_way_that_is_open() -> None:
    text = str(errors.PredefinedJobError("rates", "deleted"))
    assert text.startswith("scheduled job 'rates' is predefined and cannot be deleted by hand")
    assert text.endswith("change its configuration and apply it")


def test_a_traceback_shows_the_problems_of_a_configuration() -> None:
    problems = [Problem(message="is missing", code="x", file="shop.yaml", line=n, path="jobs.a") for n in range(1, 501)]
    error = errors.ConfigurationError(problems)
    shown = "".join(traceback.format_exception(error))
    assert "500 problems in the configuration\nshop.yaml:1: jobs.a: is missing\n" in shown
    assert f"shop.yaml:{errors.SHOWN_IN_TRACEBACK}: " in shown
    assert f"shop.yaml:{errors.SHOWN_IN_TRACEBACK + 1}: " not in shown, "a screen has room for it"
    assert len(error.problems) == len(problems)
