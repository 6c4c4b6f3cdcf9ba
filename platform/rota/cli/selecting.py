"""Which background jobs a command is about: selectors and states, as people type them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rota.app.context import Context
    from rota.model.states import State

Selectors = Annotated[
    list[str] | None,
    typer.Argument(metavar="JOB...", help="Ids, beginnings of ids, names, or names with * for all of them."),
]
States = Annotated[
    list[str] | None, typer.Option("--state", metavar="STATE", help="Only those in this state, or all that are.")
]


def chosen(context: Context, selectors: Sequence[str] | None, states: Sequence[str] | None) -> list[str]:
    """The ids. Raises `UsageError` where nothing is said, and `JobNotFound`."""
    from rota.app import background
    from rota.model.errors import UsageError

    if not selectors and not states:
        raise UsageError("name a job, or a state with --state")
    return background.resolve(context, selectors or (), [state_of(each) for each in states or ()])


def state_of(text: str) -> State:
    """The state of that name. Raises `UsageError`."""
    from rota.model.errors import UsageError
    from rota.model.states import State

    try:
        return State(text)
    except ValueError as error:
        raise UsageError(f"--state {text}: it is one of {', '.join(State)}") from error
