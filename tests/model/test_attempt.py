"""One attempt, as it travels to whoever carries it out."""

from __future__ import annotations

import msgspec
import pytest

from rota.model.attempt import Attempt, AttemptId
from rota.model.command import Command

BY_METHOD = Attempt(
    job="j", number=2, name="rates", method="m:f", parameters={"a": [1]}, user="ann", path=("/srv", "/")
)
BY_COMMAND = Attempt(job="j", number=1, name="backup", command=Command(argv=("sh", "-c", "true")), key="k")


@pytest.mark.parametrize("attempt", [BY_METHOD, BY_COMMAND])
def test_it_travels_as_json(attempt: Attempt) -> None:
    assert Attempt.from_data(msgspec.json.decode(msgspec.json.encode(attempt.to_data()))) == attempt


def test_its_id_names_the_job_and_counts_the_attempts() -> None:
    assert BY_METHOD.id == AttemptId("j", 2) > BY_COMMAND.id
    assert str(BY_METHOD.id) == "j#2"
