"""Plans as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rota.cli import plans
from rota.model.definition import Definition
from rota.model.retry import RetryPolicy
from rota.model.values import Json
from rota.plan import Plan
from rota.plan.operations import (
    ChangeDefinition,
    ChangeHeader,
    CreateDefinition,
    CreatePredefinedJob,
    DeleteDefinition,
    DeleteJob,
)
from rota.plan.plan import Reason, Refusal
from rota.schedule import Schedule

NOW = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
RATES = Definition(name="rates", method="shop_jobs:load")


def plan(*operations: Any, revision: int = 3, **more: Any) -> Plan:
    return Plan(
        configuration="shop",
        digest="new",
        from_digest="old",
        from_revision=revision,
        operations=operations,
        unchanged=1,
        **more,
    )


def shown(capsys: pytest.CaptureFixture[str], made: Plan) -> list[str]:
    plans.show(made, NOW)
    return capsys.readouterr().out.splitlines()


def test_a_new_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    operations = (
        ChangeHeader(name="shop", changed={"timezone": (None, "UTC")}, new=True),
        CreateDefinition(definition=RATES),
        CreatePredefinedJob(definition=RATES),
    )
    assert shown(capsys, plan(*operations, revision=0)) == [
        "configuration shop (new)",
        "  + definition rates",
        "      method: shop_jobs:load",
        "  + scheduled job rates",
        "  1 to create; 1 unchanged",
    ]


def test_changes_renames_and_deletions(capsys: pytest.CaptureFixture[str]) -> None:
    changed: dict[str, tuple[Json, Json]] = {"timeout": (None, 600.0), "use": (True, False)}
    operations = (
        DeleteJob(id="1", name="old"),
        DeleteDefinition(id=1, name="old", properties={"method": "a:b"}),
        ChangeDefinition(id=2, old_name="rates", definition=RATES, changed=changed, hidden_by_override=("use",)),
        ChangeDefinition(id=3, old_name="load", definition=RATES, changed={}),
    )
    warned = plan(*operations, warnings=("look here",), refusals=(Refusal(Reason.EMPTY, "not like this"),))
    assert shown(capsys, warned) == [
        "configuration shop (from revision 3)",
        "  - scheduled job old",
        "  - definition old",
        "  ~ definition rates",
        "      timeout: none -> 10m",
        "      use: true -> false  (hidden by an override)",
        "  > definition rates (was load)",
        "  warning: look here",
        "  refused: not like this",
        "  1 to update, 1 to rename, 1 to delete; 1 unchanged",
    ]


def test_of_a_mapping_only_what_differs(capsys: pytest.CaptureFixture[str]) -> None:
    old: Json = {"bank": {"name": "EZB", "timeout": 60}, "days": [1], "gone": 1}
    new: Json = {"bank": {"name": "EZB", "timeout": 90}, "days": [1, 2], "came": None}
    changed: dict[str, tuple[Json, Json]] = {
        "parameters": (old, new),
        "retry": ({"count": 0}, RetryPolicy(count=1).to_data()),
    }
    change = ChangeDefinition(id=1, old_name="rates", definition=RATES, changed=changed)
    assert shown(capsys, plan(change))[2:-1] == [
        "      parameters.bank.timeout: 60 -> 90",
        "      parameters.days: [1] -> [1, 2]",
        "      parameters.gone: 1 -> none",
        "      parameters.came: none -> none",
        "      retry: none -> 1 restart, at once",
    ]


def test_a_schedule_with_its_next_starts(capsys: pytest.CaptureFixture[str]) -> None:
    old: Json = {"timezone": "UTC", "days_repeat_period": 1}
    schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"}, timezone="Europe/Berlin")
    new = Definition(name="rates", method="m:f", schedule=schedule)
    changed: dict[str, tuple[Json, Json]] = {"schedule": (old, schedule.to_data())}
    operations = (
        ChangeDefinition(id=2, old_name="rates", definition=new, changed=changed),
        ChangeDefinition(id=2, old_name="off", definition=Definition(name="off"), changed={"schedule": (old, None)}),
        CreateDefinition(definition=Definition(name="idle", method="m:f", schedule=schedule, use=False)),
    )
    assert shown(capsys, plan(*operations))[1:-1] == [
        "  ~ definition rates",
        "      schedule: Every day at 00:00 (UTC) -> Every day at 06:00 (Europe/Berlin)",
        "      next: Sun 2026-03-29 06:00:00, Mon 2026-03-30 06:00:00, Tue 2026-03-31 06:00:00 (Europe/Berlin)",
        "  ~ definition off",
        "      schedule: Every day at 00:00 (UTC) -> none",
        "  + definition idle",
        "      method: m:f",
        "      use: false",
        "      schedule: Every day at 06:00 (Europe/Berlin)",
        "      next: none: it is switched off",
    ]


def test_only_the_header(capsys: pytest.CaptureFixture[str]) -> None:
    header = ChangeHeader(name="shop", changed={"timezone": ("UTC", "Europe/Berlin")}, new=False)
    assert shown(capsys, plan(header)) == [
        "configuration shop (from revision 3)",
        "  ~ configuration shop",
        "      timezone: UTC -> Europe/Berlin",
        "  only the header changes; 1 unchanged",
    ]


def test_no_change(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, plan())[-1] == "  no changes to 1 definition"
