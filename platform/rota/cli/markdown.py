"""Plans as Markdown: the text of a comment on a merge request. Called by `rota plan --format markdown`.

Values come from files that anybody may propose: they stand in code spans, where nothing is markup, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rota.cli.plans import SIGNS, details, is_untold, origin, summary

if TYPE_CHECKING:
    from rota.app.previews import Preview
    from rota.plan import Plan
    from rota.plan.operations import Change

LIMIT = 60_000
"""Characters: GitHub refuses comments of more than 65,536."""

MARK = "<!-- rota plan -->"
"""The first line, which readers do not see: a pipeline finds its comment by it and replaces the old one."""


def text(plans: Sequence[Plan], now: datetime) -> str:
    """All plans as one text, cut where it grows too long; next starts are those after `now`."""
    return "\n".join([MARK, *_cut([line for plan in plans for line in _plan(plan, now)])])


def _plan(plan: Plan, now: datetime) -> Iterator[str]:
    from rota.app.previews import previews

    foretold = previews(plan, now)
    yield from (f"### Configuration {code(plan.configuration)} ({origin(plan)})", "", summary(plan), "")
    for refusal in plan.refusals:
        yield f"- \N{NO ENTRY SIGN} **refused**: {code(refusal.text)}"
    for warning in plan.warnings:
        yield f"- \N{WARNING SIGN} **warning**: {code(warning)}"
    for change in plan.changes:
        if not is_untold(change):
            yield from _change(change, foretold.get(change.name) if change.kind == "definition" else None)
    yield ""


def _change(change: Change, preview: Preview | None) -> Iterator[str]:
    sign, _ = SIGNS[change.action]
    former = f", was {code(change.renamed_from)}" if change.renamed_from else ""
    yield f"- {code(sign)} **{change.action}** {change.kind} {code(change.name)}{former}"
    for detail in details(change, preview):
        before = "" if detail.old is None else f"{code(detail.old)} \N{RIGHTWARDS ARROW} "
        hidden = " (hidden by an override)" if detail.hidden else ""
        yield f"  - {detail.name}: {before}{code(detail.new)}{hidden}"


def code(value: str) -> str:
    """The value as a code span on one line, whatever is in it."""
    line = " ".join(value.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _cut(lines: list[str]) -> list[str]:
    length = 0
    for index, line in enumerate(lines):
        length += len(line) + 1
        if length > LIMIT:
            return [*lines[:index], "", f"... and {len(lines) - index} lines more: `rota plan` shows all of it."]
    return lines
