"""Saved plans as files: read back with one clear line for whatever else is there."""

from __future__ import annotations

from pathlib import Path

from rota.app.files import read_file, replace_file
from rota.model.errors import UsageError
from rota.plan.saved import SavedPlans

MOST_BYTES = 64 * 1024 * 1024
"""A plan for 10,000 jobs takes about 5 MiB."""


def write(file: Path, saved: SavedPlans) -> None:
    """Raises `UsageError` where the file cannot be written."""
    replace_file("--out", file, saved.to_json())


def read(file: Path) -> SavedPlans:
    """Raises `UsageError` for what cannot be read or is no plan of this version of Rota."""
    content = read_file("--plan", file, most=MOST_BYTES)
    try:
        return SavedPlans.from_json(content)
    except ValueError as error:
        raise UsageError(f"--plan {file}: this version of `rota plan --out` did not write it: {error}") from error
