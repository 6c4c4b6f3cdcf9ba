"""Plans as Markdown: the text of a comment on a merge request. Called by `rota plan --format markdown`.

Values come from files that anybody may propose: they stand in code spans, where nothing is markup, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import TYPE_CHECKING

from rota.cli.plans import SIGNS, details, is_untold, origin, summary

if TYPE_CHECKING:
    from rota.app.previews import Preview
    from rota.model.problem import Problem
    from rota.plan import Plan
    from rota.plan.operations import Change

LIMIT = 60_000
"""Characters: GitHub refuses comments of more than 65,536."""

MARK = "<!-- rota plan -->"
"""The first line, which readers do not see: a pipeline finds its comment by it and replaces the old one."""


def text(plans: Sequence[Plan], now: datetime, revisions: Sequence[int] = ()) -> str:
    """All plans as one text, cut where it grows too long; next starts are those after `now`.

    `revisions` are those that the plans were applied as.
    """
    return _comment(line for plan, number in zip_longest(plans, revisions) for line in _plan(plan, now, number))


def failure(lines: Sequence[str], problems: Sequence[Problem]) -> str:
    """Why there is no plan, or why it was not carried out, with what is wrong with the configuration."""
    return _comment(
        ["### Failed", "", "  \n".join(map(code, lines)), "", *(line for each in problems for line in _problem(each))]
    )


def _comment(lines: Iterable[str]) -> str:
    return "\n".join([MARK, *_cut(list(lines))])


def _problem(problem: Problem) -> Iterator[str]:
    yield f"- {code(str(problem))}"
    if problem.hint:
        yield f"  - hint: {code(problem.hint)}"


def _plan(plan: Plan, now: datetime, revision: int | None) -> Iterator[str]:
    from rota.app.previews import previews

    foretold = previews(plan, now)
    end = (
        ""
        if revision is None
        else f"; revision {revision} stands"
        if plan.is_empty
        else f"; applied as revision {revision}"
    )
    yield from (f"### Configuration {code(plan.configuration)} ({origin(plan)})", "", f"{summary(plan)}{end}", "")
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
