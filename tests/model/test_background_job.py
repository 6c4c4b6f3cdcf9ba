"""A background job as it is shown: right after its start, with children, and as JSON."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from rota.model.background_job import AttemptRecord, BackgroundJob, NewJob
from rota.model.command import Command
from rota.model.outcome import ErrorInfo
from rota.model.states import ACTIVE, FINISHED, State

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

NEW = NewJob(
    id="j",
    method="m:f",
    name="rates",
    parameters={"a": 1},
    key="k",
    user="ann",
    executor="thread",
    priority=3,
    due_at=NOW,
    created_at=NOW,
    scheduled_job="s",
    definition="rates",
    nominal_start=NOW,
)


def job(state: State = State.QUEUED, children: dict[str, int] | None = None) -> BackgroundJob:
    return msgspec.structs.replace(BackgroundJob.of(NEW), state=state, children=children)


def test_right_after_its_start_it_waits_for_its_first_attempt() -> None:
    assert (job().state, job().attempt, job().attempts, job().result) == (State.QUEUED, 0, (), None)
    shared = set(NEW.__struct_fields__) & set(job().__struct_fields__)
    assert {name: getattr(job(), name) for name in shared} == {name: getattr(NEW, name) for name in shared}


@pytest.mark.parametrize("state", State)
def test_it_is_finished_in_the_states_that_are_never_left(state: State) -> None:
    assert job(state).finished is (state in FINISHED)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("child", State)
def test_more_may_come_until_it_and_all_of_its_children_have_ended(state: State, child: State) -> None:
    assert job(state, {child: 2}).open is (state in ACTIVE or child in ACTIVE)
    assert job(state).open is (state in ACTIVE)


def test_the_json_form_names_what_is_absent() -> None:
    data = job().to_data()
    assert (data["command"], data["environment"], data["children"], data["error"]) == (None, None, None, None)
    assert (data["state"], data["progress"]) == ("queued", {"fraction": None, "text": None})
    assert msgspec.json.decode(msgspec.json.encode(data))["created_at"] == "2026-05-04T12:00:00Z"


def test_the_json_form_of_a_program_does_not_tell_the_values_of_its_environment() -> None:
    program = Command(argv=("sh", "-c", "true"), environment={"TOKEN": "secret", "A": "1"}, ok_exit_codes=(0, 3))
    data = msgspec.structs.replace(job(), method=None, command=program).to_data()
    assert (data["method"], data["command"], data["environment"]) == (None, ["sh", "-c", "true"], ["A", "TOKEN"])
    assert data["ok_exit_codes"] == [0, 3]
    assert "secret" not in str(data)


def test_the_json_form_of_an_attempt() -> None:
    error = ErrorInfo(type="ValueError", message="no")
    attempt = AttemptRecord(number=1, begin_at=NOW, end_at=NOW, node="a", process=7, end="raised", error=error)
    assert attempt.to_data() == {
        "number": 1,
        "begin_at": NOW,
        "end_at": NOW,
        "node": "a",
        "process": 7,
        "end": "raised",
        "error": {"type": "ValueError", "message": "no", "traceback": None},
    }
