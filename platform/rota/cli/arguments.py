"""Arguments and options that several commands take, with one wording for all."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CONFIG", help="Files or folders of configurations [default configurations/].", show_default=False
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
