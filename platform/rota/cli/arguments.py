"""Arguments and options that several commands take, with one wording for all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def given_path(text: str) -> Path:
    """An empty one would be the current folder, which nobody meant who passes a variable that is not set."""
    if not text:
        raise typer.BadParameter("it is empty")
    return Path(text)


Config = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG",
        help="Files or folders of configurations [default configurations/].",
        parser=given_path,
        show_default=False,
    ),
]

ConfigurationName = Annotated[
    str | None,
    typer.Option("--configuration", metavar="NAME", help="Which one, where several are applied.", show_default=False),
]

NoCode = Annotated[bool, typer.Option("--no-code", help="Do not import the methods: for a machine without the code.")]

Poll = Annotated[
    bool, typer.Option("--poll", help="Look at the files again and again: where the file system tells of no changes.")
]
