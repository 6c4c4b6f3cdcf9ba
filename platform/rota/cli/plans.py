"""Plans as text: one line a change, its properties below, warnings and refusals last."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from rota.cli import output

if TYPE_CHECKING:
    from rota.plan import Plan
    from rota.plan.operations import Change

_SIGNS = {"create": ("+", "good"), "update": ("~", "warn"), "rename": (">", "warn"), "delete": ("-", "bad")}


def show(plan: Plan) -> None:
    """The whole plan, on stdout."""
    origin = f"from revision {plan.from_revision}" if plan.from_revision else "new"
    output.data(f"configuration {plan.configuration} ({origin})")
    for change in plan.changes:
        _show_change(change)
    for warning in plan.warnings:
        output.data(output.painted(f"  warning: {warning}", "warn", sys.stdout))
    for refusal in plan.refusals:
        output.data(output.painted(f"  refused: {refusal.text}", "bad", sys.stdout))
    output.data("  " + summary(plan))


def summary(plan: Plan) -> str:
    """The plan in one line."""
    if plan.is_empty:
        return f"no changes: {plan.unchanged} definitions are as configured"
    counts = ", ".join(f"{count} to {verb}" for verb, count in plan.summary.items() if count and verb != "unchanged")
    return f"{counts or 'only the header changes'}; {plan.unchanged} unchanged"


def _show_change(change: Change) -> None:
    sign, tone = _SIGNS[change.action]
    former = f" (was {change.renamed_from})" if change.renamed_from else ""
    text = f"  {sign} {change.kind} {change.name}{former}"
    output.data(output.painted(text, tone, sys.stdout))
    if change.action == "delete":
        return
    new_configuration = change.action == "create" and change.kind == "configuration"
    for name, (old, new) in () if new_configuration else change.properties.items():
        hidden = "  (hidden by an override)" if name in change.hidden_by_override else ""
        before = f"{_value(name, old)} -> " if change.action != "create" else ""
        output.data(f"      {name}: {before}{_value(name, new)}{hidden}")


def _value(name: str, value: Any) -> str:
    """A property's value for people: a schedule in words, anything else as JSON."""
    if name == "schedule" and value:
        from rota.schedule import Schedule

        return Schedule.parse(value).describe()
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
