"""Saved plans as files: written whole or not at all, and read back with one clear line for whatever else is there."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from rota.model.errors import UsageError
from rota.plan.saved import SavedPlans


def write(file: Path, saved: SavedPlans) -> None:
    """Raises `UsageError` where the file cannot be written."""
    try:
        descriptor, scratch = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        try:
            with os.fdopen(descriptor, "wb") as new:
                new.write(saved.to_json())
            Path(scratch).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(scratch).unlink()
            raise
    except OSError as error:
        raise UsageError(f"--out {file}: cannot be written: {error.strerror}") from error


def read(file: Path) -> SavedPlans:
    """Raises `UsageError` for what cannot be read or is no plan of this version of Rota."""
    try:
        return SavedPlans.from_json(file.read_bytes())
    except OSError as error:
        raise UsageError(f"--plan {file}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--plan {file}: this version of `rota plan --out` did not write it: {error}") from error
