"""`rota init`: a new project, ready to run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from rota.cli import output
from rota.cli.arguments import given_path
from rota.cli.command import command, wants_json

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Where; it is made if it does not exist.", parser=given_path)
]
Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="The configuration's name [default the folder's].", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    command(app, "init")(init)


def init(folder: Folder = Path(), name: Name = None) -> None:
    """Begin a project: a first configuration, ready to run.

    Writes an explained configuration with two jobs, their methods and a test. What is in the folder stays as it is.
    """
    from rota.app.projects import create_project

    project = create_project(folder, name)
    if wants_json():
        files = {"written": list(project.written), "kept": list(project.kept)}
        output.json({"folder": str(folder), "name": project.name, **files})
        return
    for path in project.written:
        output.data(str(folder / path))
    for path in project.kept:
        output.note(f"{folder / path}: was there and stays as it is")
    output.note("next:")
    if os.path.realpath(folder) != os.path.realpath("."):
        output.note(f"  cd {folder}")
    output.note("  rota dev            runs the jobs and follows every edit")
    output.note("  python -m pytest    tests them")
