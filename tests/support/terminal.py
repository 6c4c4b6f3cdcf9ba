"""Runs `rota` on a terminal of its own, as a person does, and gives back what stands on it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.support.command_line import environment


def on_terminal(*arguments: str | Path, database: str, cwd: Path, colour: bool = True, columns: str = "160") -> str:
    """Everything that the command writes to the terminal, colours included, until it ends."""
    surroundings = environment(database) | {"COLUMNS": columns}
    if colour:
        del surroundings["NO_COLOR"]
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "rota", *arguments],
        cwd=cwd,
        env=surroundings,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        parts = []
        with suppress(OSError):  # Linux's way to say that nobody has the other end open
            while part := os.read(ours, 4096):
                parts.append(part)
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")
