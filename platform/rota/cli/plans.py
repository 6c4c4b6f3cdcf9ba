"""Plans as text: one line a change, its properties and next starts below, warnings and refusals last."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, TYPE_CHECKING, NamedTuple

from rota.cli import output, wording
from rota.model.counting import counted

if TYPE_CHECKING:
    from rota.app.previews import Preview
    from rota.cli.output import Painter
    from rota.model.values import Json
    from rota.plan import Plan
    from rota.plan.operations import Change

MOST_IN_FULL = 1_000
"""New definitions beyond this are a first apply, which nobody reads property by property; as JSON a plan has all."""

SIGNS = {"create": ("+", "good"), "update": ("~", "warn"), "rename": (">", "warn"), "delete": ("-", "bad")}


def show(plan: Plan, now: datetime) -> None:
    """The whole plan, on stdout; next starts are those after `now`."""
    output.data("\n".join(lines(plan, now, sys.stdout)))


def lines(plan: Plan, now: datetime, stream: IO[str]) -> Iterator[str]:
    """The whole plan as it is shown on `stream`."""
    from rota.app.previews import previews

    brief, paint = _is_mostly_new(plan), output.painter(stream)
    foretold = {} if brief else previews(plan, now)
    yield f"configuration {plan.configuration} ({origin(plan)})"
    for change in plan.changes:
        preview = foretold.get(change.name) if change.kind == "definition" else None
        yield from _change_lines(change, preview, paint, brief=brief)
    for warning in plan.warnings:
        yield paint(f"  warning: {warning}", "warn")
    for refusal in plan.refusals:
        yield paint(f"  refused: {refusal.text}", "bad")
    yield "  " + summary(plan)


def origin(plan: Plan) -> str:
    """What the plan starts from."""
    return f"from revision {plan.from_revision}" if plan.from_revision else "new"


def _is_mostly_new(plan: Plan) -> bool:
    """Whether so much is created that a line for each says enough; what is updated is always told in full."""
    return plan.summary["create"] > MOST_IN_FULL and not plan.summary["update"] and not plan.summary["rename"]


def summary(plan: Plan) -> str:
    """The plan in one line."""
    if plan.is_empty:
        return f"no changes to {counted(plan.unchanged, 'definition')}"
    return f"{counts(plan.summary, 'to ') or 'only the header changes'}; {plan.unchanged} unchanged"


def counts(summary: Mapping[str, int], before: str = "") -> str:
    """How many definitions are changed and how: `1 create, 2 delete`; nothing where none is."""
    return ", ".join(f"{count} {before}{verb}" for verb, count in summary.items() if count and verb != "unchanged")


def _change_lines(change: Change, preview: Preview | None, paint: Painter, *, brief: bool) -> Iterator[str]:
    if is_untold(change):
        return
    sign, tone = SIGNS[change.action]
    former = f" (was {change.renamed_from})" if change.renamed_from else ""
    yield paint(f"  {sign} {change.kind} {change.name}{former}", tone)
    if brief:
        return
    for detail in details(change, preview):
        hidden = "  (hidden by an override)" if detail.hidden else ""
        before = "" if detail.old is None else f"{paint(detail.old, 'bad')} -> "
        new = detail.new if detail.old is None else paint(detail.new, "good")
        yield f"      {detail.name}: {before}{new}{hidden}"


def is_untold(change: Change) -> bool:
    """Whether the plan's first line says it already: that the configuration is new."""
    return change.action == "create" and change.kind == "configuration"


class Detail(NamedTuple):
    """A property in words. `old` is None where there was nothing before. `hidden`: by an override."""

    name: str
    old: str | None
    new: str
    hidden: bool = False


def details(change: Change, preview: Preview | None) -> Iterator[Detail]:
    """What the change says of each property, with the next starts of a new or changed schedule."""
    if change.action == "delete":
        return
    for name, values in change.properties.items():
        hidden = name in change.hidden_by_override
        for path, old, new in _words(name, values, preview):
            yield Detail(name=path, old=None if change.action == "create" else old, new=new, hidden=hidden)
        if name == "schedule" and preview and preview.text_to:
            yield Detail(name="next", old=None, new=_next(preview))


def _words(name: str, values: tuple[Json, Json], preview: Preview | None) -> Iterator[tuple[str, str, str]]:
    """Name, old and new value; schedules as the preview words them, which has read them already."""
    if name == "schedule" and preview:
        yield name, preview.text_from or "none", preview.text_to or "none"
        return
    for path, old, new in _parts(name, *values):
        yield path, wording.of_property(path, old), wording.of_property(path, new)


def _parts(path: str, old: Json, new: Json) -> Iterator[tuple[str, Json, Json]]:
    """Of two mappings only the entries that differ, each by its path: `parameters.currencies`."""
    if path in _WORDED_WHOLE or not (isinstance(old, dict) and isinstance(new, dict)):
        yield path, old, new
        return
    for key in dict.fromkeys((*old, *new)):
        if old.get(key, _NOTHING) != new.get(key, _NOTHING):
            yield from _parts(f"{path}.{key}", old.get(key), new.get(key))


_WORDED_WHOLE = ("schedule", "retry")
_NOTHING = object()


def _next(preview: Preview) -> str:
    if preview.idle:
        return f"none: {preview.idle}"
    from rota.schedule.zones import zone

    clock = zone(preview.timezone or "UTC")
    starts = ", ".join(f"{start.astimezone(clock.info):%a %Y-%m-%d %H:%M:%S}" for start in preview.next_starts)
    return f"{starts} ({clock.name})"
