"""The options that say what a configuration is read for. Shared by the commands that read one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rota.cli.command import given
from rota.model.errors import UsageError

if TYPE_CHECKING:
    from rota.app.surroundings import Surroundings

SURROUNDINGS: dict[str, tuple[Any, Any]] = {
    "environment": (
        Annotated[
            str | None,
            typer.Option("--environment", "-e", metavar="NAME", help="Lay environments/NAME.yaml over the rest."),
        ],
        None,
    ),
    "set": (
        Annotated[
            list[str] | None,
            typer.Option("--set", metavar="NAME=VALUE", help="A variable, before that of the process's environment."),
        ],
        None,
    ),
}


def surroundings() -> Surroundings:
    """What this call says. Raises `UsageError`."""
    from rota.app.surroundings import Surroundings

    if given("environment") == "":
        raise UsageError("--environment: it is empty; leave it out for the files without an overlay")
    return Surroundings(given("environment"), dict(_variable(text) for text in given("set") or []))


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name):
        raise UsageError(f"--set {text}: write NAME=VALUE; a name has letters, digits and underscores")
    return name, value
