"""Schedules in a plan: their words and next starts, from literal plans and a stated now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rota.app.previews import previews, to_data
from rota.model.definition import Definition
from rota.plan import Plan
from rota.plan.operations import ChangeDefinition, CreateDefinition, CreatePredefinedJob, DeleteDefinition
from rota.schedule import Schedule

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
DAILY = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"}, timezone="Europe/Berlin")
WEEKLY: dict[str, Any] = {"timezone": "UTC", "days_repeat_period": 1, "week_days": [1]}


def plan(*operations: Any) -> Plan:
    return Plan(configuration="shop", digest="b", from_digest="a", from_revision=1, operations=operations, unchanged=0)


def rates(**values: Any) -> Definition:
    return Definition(**{"name": "rates", "method": "m:f", "schedule": DAILY, **values})


def changed(definition: Definition, old: Any, **values: Any) -> ChangeDefinition:
    pair = {"schedule": (old, definition.schedule.to_data() if definition.schedule else None)}
    return ChangeDefinition(id=1, old_name="rates", definition=definition, changed=pair, **values)


def test_a_new_schedule() -> None:
    preview = previews(plan(CreateDefinition(definition=rates())), NOW)["rates"]
    assert (preview.text_from, preview.text_to) == (None, "Every day at 06:00 (Europe/Berlin)")
    assert preview.timezone == "Europe/Berlin"
    # Clocks go forward on the 29th.
    assert [start.isoformat() for start in preview.next_starts] == [
        "2026-03-29T04:00:00+00:00",
        "2026-03-30T04:00:00+00:00",
        "2026-03-31T04:00:00+00:00",
    ]


def test_a_changed_schedule() -> None:
    preview = previews(plan(changed(rates(), WEEKLY)), NOW)["rates"]
    assert (preview.text_from, preview.text_to) == (
        "Every Monday at 00:00 (UTC)",
        "Every day at 06:00 (Europe/Berlin)",
    )
    assert len(preview.next_starts) == 3


def test_it_counts_from_now_on() -> None:
    other = Schedule.parse({"days_repeat_period": 2, "begin_time": "11:00"})
    preview = previews(plan(CreateDefinition(definition=rates(schedule=other))), NOW)["rates"]
    assert [start.day for start in preview.next_starts] == [30, 1, 3]


@pytest.mark.parametrize(
    ("operation", "idle"),
    [
        (CreateDefinition(definition=rates(use=False)), "it is switched off"),
        (CreateDefinition(definition=rates(predefined=False)), "no scheduled job is made from it by itself"),
        (changed(rates(), WEEKLY, use=False), "it is switched off"),
        (changed(rates(), WEEKLY, hidden_by_override=("schedule",)), "an override hides the new schedule"),
        (
            CreateDefinition(definition=rates(schedule=Schedule.parse({"begin_date": "2020-01-01"}))),
            "the schedule has no start any more",
        ),
    ],
)
def test_why_nothing_starts(operation: Any, idle: str) -> None:
    preview = previews(plan(operation), NOW)["rates"]
    assert (preview.next_starts, preview.idle) == ((), idle)


def test_a_schedule_that_is_taken_away() -> None:
    preview = previews(plan(changed(rates(schedule=None), WEEKLY)), NOW)["rates"]
    assert (preview.text_from, preview.text_to, preview.next_starts) == ("Every Monday at 00:00 (UTC)", None, ())


def test_as_json_every_change_has_the_same_keys() -> None:
    gone = DeleteDefinition(id=2, name="old", properties={"schedule": WEEKLY})
    made = plan(gone, CreateDefinition(definition=rates()), CreatePredefinedJob(definition=rates()))
    old, new, job = to_data(made, NOW)["changes"]
    assert (old["schedule_text"], old["next_starts"]) == (None, None)
    assert new["schedule_text"] == {"from": None, "to": "Every day at 06:00 (Europe/Berlin)"}
    assert new["next_starts"][0] == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)
    assert (job["schedule_text"], job["next_starts"]) == (None, None)
