"""Errors come back from JSON as what they were."""

from __future__ import annotations

import msgspec
import pytest

from rota.model.error_data import error_from_data, error_to_data
from rota.model.errors import BadParameters, JobNotFound, KeyInUse, MethodNotAllowed, RotaError, UsageError


@pytest.mark.parametrize(
    "error",
    [
        KeyInUse("k", "holder"),
        BadParameters("m:f", ["one", "two"]),
        MethodNotAllowed("os:getcwd", ["shop"]),
        JobNotFound("child", "x"),
        UsageError("no"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_there_and_back(error: RotaError) -> None:
    back = error_from_data(msgspec.json.decode(msgspec.json.encode(error_to_data(error))))
    assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


@pytest.mark.parametrize("name", ["FromTheFuture", "Sequence", "JobCancelled"])
def test_what_is_no_known_error_is_the_root(name: str) -> None:
    back = error_from_data({"type": name, "message": "hm", "facts": {}})
    assert (type(back), str(back)) == (RotaError, "hm")
