"""Two columns: what is configured, what is overridden, and what is in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rota.model.definition import OVERRIDABLE, Definition
from rota.model.retry import RetryPolicy
from rota.model.scheduled_job import LastJob, Override, ScheduledJob
from rota.schedule import Schedule

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOURLY = {"days_repeat_period": 1, "repeat_period_in_day": 3600}
DEFINITION = Definition(
    name="rates",
    method="m:f",
    parameters={"a": 1},
    key="k",
    retry=RetryPolicy(count=2),
    schedule=Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"}),
)


def job(last: LastJob | None = None, **overrides: Any) -> ScheduledJob:
    return ScheduledJob(
        id="s",
        name="rates",
        definition="rates",
        definition_id=1,
        configuration="shop",
        predefined=True,
        configured=DEFINITION.properties,
        overrides={name: Override(value=value, by="ann", at=NOW, reason="why") for name, value in overrides.items()},
        active_since=NOW,
        considered=NOW,
        next_start=NOW,
        look_at=NOW,
        active_job=None,
        last_job=last,
        held=None,
        missed=0,
        unresolved=None,
        created_at=NOW,
    )


def test_without_overrides_the_configured_is_in_force() -> None:
    assert job().effective_properties() == DEFINITION.properties
    assert (job().use, job().schedule, job().retry) == (True, DEFINITION.schedule, DEFINITION.retry)
    assert job().parameters == {"a": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("description", "d"),
        ("key", None),
        ("use", False),
        ("schedule", HOURLY),
        ("retry", RetryPolicy(count=9).to_data()),
        ("user", "ann"),
        ("executor", "thread"),
        ("timeout", 1.5),
        ("priority", -3),
        ("parameters", [1]),
    ],
)
def test_an_override_is_in_force_and_changes_nothing_else(name: str, value: Any) -> None:
    overridden = job(**{name: value})
    assert overridden.effective(name) == value
    assert overridden.effective_properties() == {**DEFINITION.properties, name: value}


def test_an_override_with_nothing_hides_what_is_configured() -> None:
    assert job(schedule=None).schedule is None
    assert job(key=None).effective("key") is None
    assert job(retry=None).retry == RetryPolicy()


def test_every_property_that_can_be_overridden_is_one() -> None:
    assert set(OVERRIDABLE) < set(DEFINITION.properties)


def test_the_json_form_shows_what_is_in_force_and_who_changed_it() -> None:
    last = LastJob(id="b", state="failed", begin_at=NOW, end_at=None)
    data = job(last, use=False, timeout=2.0).to_data()
    assert (data["use"], data["timeout"], data["key"]) == (False, 2.0, "k")
    assert data["overrides"]["use"] == {"value": False, "by": "ann", "at": NOW, "reason": "why", "until": None}
    assert data["last_job"] == {"id": "b", "state": "failed", "begin_at": NOW, "end_at": None}
    assert data["schedule"] == DEFINITION.properties["schedule"]
    assert data["schedule_text"]
    bare = job(schedule=None).to_data()
    assert (bare["schedule"], bare["schedule_text"], bare["last_job"]) == (None, None, None)
    assert bare.keys() == data.keys()
