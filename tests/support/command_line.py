"""Runs the real `rota` command in a process of its own. Used by tests that see Rota from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]

_LIMIT = 120.0
"""Seconds that one command may take on a busy machine."""


def environment(database: str | None = None) -> dict[str, str]:
    """The caller's environment without Rota's own settings, with this checkout's `rota` and the given database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROTA_")}
    changed = {"PYTHONPATH": str(ROOT / "platform"), "NO_COLOR": "1", "COLUMNS": "160"}
    return kept | changed | ({"ROTA_DATABASE": database} if database else {})


def rota(
    *arguments: str | Path,
    database: str | None = None,
    cwd: Path = ROOT,
    stdout: int | IO[str] = subprocess.PIPE,
    before: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `rota ARGUMENTS` to its end and return it with its output, whatever its exit code.

    `before` is called in the child before its program starts.
    """
    return subprocess.run(
        [sys.executable, "-m", "rota", *arguments],
        cwd=cwd,
        env=environment(database),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        preexec_fn=before,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
