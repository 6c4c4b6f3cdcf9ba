"""Exceptions and exits as data. What methods raise is held in tests/contracts."""

from __future__ import annotations

import pytest

from rota.executors.failure import describe, describe_exit
from rota.model.errors import BadParameters, JobCancelled, PermanentFailure


@pytest.mark.parametrize(
    ("returncode", "text"),
    [(0, "exit code 0"), (3, "exit code 3"), (-9, "signal SIGKILL"), (-15, "signal SIGTERM"), (-40, "signal 40")],
)
def test_exits_are_named(returncode: int, text: str) -> None:
    assert describe_exit(returncode) == text


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("no"), "no"),
        (KeyError("x"), "'x'"),
        (KeyboardInterrupt(), "KeyboardInterrupt()"),
        (JobCancelled(), "the method was told to stop"),
        (JobCancelled("enough"), "enough"),
        (ValueError("half \udc80"), "half \\udc80"),
    ],
)
def test_messages(error: BaseException, message: str) -> None:
    assert describe(error).message == message


def test_what_a_restart_cannot_help_is_permanent() -> None:
    errors = (PermanentFailure("no"), BadParameters("m:f", ["a: missing"]), ValueError("no"))
    assert [describe(error).permanent for error in errors] == [True, True, False]


def test_a_recursion_of_any_depth_is_cut() -> None:
    def recurse(depth: int) -> None:
        try:
            raise ValueError("x" * 1000)
        except ValueError:
            if depth:
                recurse(depth - 1)
            raise

    with pytest.raises(ValueError, match="x") as caught:
        recurse(200)
    assert len(describe(caught.value).traceback or "") < 110_000
