"""What a plan means for schedules: their words, and when jobs would start next. Called by `rota plan` and `rota apply`.

A plan is data without a clock; here it meets one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rota.model.definition import Definition
from rota.plan import Plan
from rota.plan.operations import ChangeDefinition, CreateDefinition
from rota.schedule import Schedule

COUNT = 3
"""How many starts are foretold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A definition's new or changed schedule. `text_from` is None for a new one, `text_to` for one that is taken away.

    `next_starts` are those of its predefined job if the plan is carried out now, and `idle` says why there are none.
    """

    text_from: str | None
    text_to: str | None
    timezone: str | None
    next_starts: tuple[datetime, ...]
    idle: str | None

    def to_data(self) -> dict[str, Any]:
        return {
            "schedule_text": {"from": self.text_from, "to": self.text_to},
            "next_starts": list(self.next_starts),
        }


_UNCHANGED = {"schedule_text": None, "next_starts": None}


def previews(plan: Plan, now: datetime) -> dict[str, Preview]:
    """For every definition whose schedule is new or changed, by its name."""
    found: dict[str, Preview] = {}
    for operation in plan.operations:
        if isinstance(operation, CreateDefinition) and operation.definition.schedule:
            definition = operation.definition
            found[definition.name] = _preview(definition.schedule, None, now, _idle(definition, use=definition.use))
        elif isinstance(operation, ChangeDefinition) and "schedule" in operation.changed:
            definition, (old, _) = operation.definition, operation.changed["schedule"]
            hidden = "schedule" in operation.hidden_by_override
            idle = "an override hides the new schedule" if hidden else _idle(definition, use=operation.use)
            found[definition.name] = _preview(definition.schedule, old, now, idle)
    return found


def to_data(plan: Plan, now: datetime) -> dict[str, Any]:
    """The plan as JSON, each change with the words and next starts of a schedule that is new or changed."""
    data, found = plan.to_data(), previews(plan, now)
    for change in data["changes"]:
        preview = found.get(change["name"]) if change["kind"] == "definition" else None
        change.update(preview.to_data() if preview else _UNCHANGED)
    return data


def _preview(new: Schedule | None, old: Any, now: datetime, idle: str | None) -> Preview:
    starts = new.next_occurrences(now, COUNT, active_since=now) if new and not idle else []
    return Preview(
        text_from=Schedule.parse(old).describe() if old else None,
        text_to=new.describe() if new else None,
        timezone=new.timezone if new else None,
        next_starts=tuple(occurrence.start for occurrence in starts),
        idle=idle if idle or starts else "the schedule has no start any more",
    )


def _idle(definition: Definition, *, use: bool) -> str | None:
    if not definition.predefined:
        return "no scheduled job is made from it by itself"
    return None if use else "it is switched off"
