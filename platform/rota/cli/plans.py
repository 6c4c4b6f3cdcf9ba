"""Plans as text: one line a change, its properties and next starts below, warnings and refusals last."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

from rota.cli import output, wording

if TYPE_CHECKING:
    from rota.app.previews import Preview
    from rota.model.values import Json
    from rota.plan import Plan
    from rota.plan.operations import Change

MOST_IN_FULL = 1_000
"""New definitions beyond this are a first apply, which nobody reads property by property; as JSON a plan has all."""

_SIGNS = {"create": ("+", "good"), "update": ("~", "warn"), "rename": (">", "warn"), "delete": ("-", "bad")}


def show(plan: Plan, now: datetime) -> None:
    """The whole plan, on stdout; next starts are those after `now`."""
    from rota.app.previews import previews

    brief = _is_mostly_new(plan)
    foretold = {} if brief else previews(plan, now)
    origin = f"from revision {plan.from_revision}" if plan.from_revision else "new"
    output.data(f"configuration {plan.configuration} ({origin})")
    for change in plan.changes:
        _show_change(change, foretold.get(change.name) if change.kind == "definition" else None, brief=brief)
    for warning in plan.warnings:
        output.data(output.painted(f"  warning: {warning}", "warn", sys.stdout))
    for refusal in plan.refusals:
        output.data(output.painted(f"  refused: {refusal.text}", "bad", sys.stdout))
    output.data("  " + summary(plan))


def _is_mostly_new(plan: Plan) -> bool:
    """Whether so much is created that a line for each says enough; what is updated is always told in full."""
    return plan.summary["create"] > MOST_IN_FULL and not plan.summary["update"] and not plan.summary["rename"]


def summary(plan: Plan) -> str:
    """The plan in one line."""
    if plan.is_empty:
        return f"no changes to {wording.counted(plan.unchanged, 'definition')}"
    counts = ", ".join(f"{count} to {verb}" for verb, count in plan.summary.items() if count and verb != "unchanged")
    return f"{counts or 'only the header changes'}; {plan.unchanged} unchanged"


def _show_change(change: Change, preview: Preview | None, *, brief: bool) -> None:
    if change.action == "create" and change.kind == "configuration":
        return  # the first line says that it is new
    sign, tone = _SIGNS[change.action]
    former = f" (was {change.renamed_from})" if change.renamed_from else ""
    text = f"  {sign} {change.kind} {change.name}{former}"
    output.data(output.painted(text, tone, sys.stdout))
    if brief or change.action == "delete":
        return
    for name, values in change.properties.items():
        old, new = _words(name, values, preview)
        hidden = "  (hidden by an override)" if name in change.hidden_by_override else ""
        before = f"{old} -> " if change.action != "create" else ""
        output.data(f"      {name}: {before}{new}{hidden}")
        if name == "schedule" and preview and preview.text_to:
            output.data(f"      next: {_next(preview)}")


def _words(name: str, values: tuple[Json, Json], preview: Preview | None) -> tuple[str, str]:
    """The old and the new value; schedules as the preview words them, which has read them already."""
    if name == "schedule" and preview:
        return preview.text_from or "none", preview.text_to or "none"
    old, new = values
    return wording.of_property(name, old), wording.of_property(name, new)


def _next(preview: Preview) -> str:
    if preview.idle:
        return f"none: {preview.idle}"
    from rota.schedule.zones import zone

    clock = zone(preview.timezone or "UTC")
    starts = ", ".join(f"{start.astimezone(clock.info):%a %Y-%m-%d %H:%M:%S}" for start in preview.next_starts)
    return f"{starts} ({clock.name})"
