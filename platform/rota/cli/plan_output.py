"""Plans, what became of them, or why nothing did: in the format that was asked for. Used by the commands that plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from rota.cli import command, output
from rota.cli.command import output_format
from rota.model.errors import ConfigurationError, RotaError

if TYPE_CHECKING:
    from datetime import datetime

    from rota.plan import Plan
    from rota.reconcile.reconciler import Applied

FORMATS = (*command.FORMATS, "markdown")


def tells_failures(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command say on stdout, too, what it failed with, where that is for a program or a comment."""

    @wraps(function)
    def call(**values: Any) -> None:
        try:
            function(**values)
        except RotaError as error:
            _show_failure(error)
            raise

    return call


def show_plans(made: Sequence[Plan], now: datetime) -> None:
    """The plans, on stdout."""
    shown_as = output_format()
    if shown_as == "json":
        from rota.app import previews

        output.json([previews.to_data(each, now) for each in made])
    elif shown_as == "markdown":
        from rota.cli import markdown

        output.data(markdown.text(made, now))
    else:
        from rota.cli import plans

        for each in made:
            plans.show(each, now)


def show_applied(applied: Sequence[Applied], now: datetime) -> None:
    """What was done, on stdout."""
    shown_as = output_format()
    if shown_as == "json":
        from rota.app import previews

        output.json([{**previews.to_data(each.plan, now), "revision": each.revision} for each in applied])
    elif shown_as == "markdown":
        from rota.cli import markdown

        output.data(markdown.text([each.plan for each in applied], now, [each.revision for each in applied]))
    else:
        for each in applied:
            _show_applied(each, now)


def _show_applied(applied: Applied, now: datetime) -> None:
    from rota.cli import plans

    if applied.plan.is_empty:
        output.data(f"configuration {applied.plan.configuration}: nothing to do, revision {applied.revision} stands")
        for warning in applied.plan.warnings:
            output.note(f"warning: {warning}")
    else:
        plans.show(applied.plan, now)
        output.data(f"  applied as revision {applied.revision}")


def _show_failure(error: RotaError) -> None:
    shown_as = output_format()
    found = error.problems if isinstance(error, ConfigurationError) else ()
    notes = () if found else getattr(error, "__notes__", ())  # those of a configuration repeat its problems
    lines = [str(error), *notes]
    if shown_as == "json":
        data = [problem.to_data() for problem in found]
        output.json({"error": type(error).__name__, "message": "\n".join(lines), "problems": data})
    elif shown_as == "markdown":
        from rota.cli import markdown

        output.data(markdown.failure(lines, found))
