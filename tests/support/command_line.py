"""Runs the real `rota` command in a process of its own. Used by tests that see Rota from outside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LIMIT = 120.0
"""Seconds that one command may take on a busy machine."""


def environment(database: str | None = None) -> dict[str, str]:
    """The caller's environment without Rota's own settings, with this checkout's `rota` and the given database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROTA_")}
    changed = {"PYTHONPATH": str(ROOT / "platform"), "NO_COLOR": "1", "COLUMNS": "160"}
    return kept | changed | ({"ROTA_DATABASE": database} if database else {})


def rota(*arguments: str | Path, database: str | None = None, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `rota ARGUMENTS` to its end and return it with its output, whatever its exit code."""
    return subprocess.run(
        [sys.executable, "-m", "rota", *arguments],
        cwd=cwd,
        env=environment(database),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
