"""Which configurations are meant where none is named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rota.model.errors import UsageError

DEFAULT_FOLDER = Path("configurations")


def default_folders() -> list[Path]:
    """The folder `configurations/` here, if there is one."""
    return [DEFAULT_FOLDER] if DEFAULT_FOLDER.exists() else []


def require_folders(named: Sequence[Path]) -> list[Path]:
    """Those that are named, or the default. Raises `UsageError` where there are none."""
    folders = list(named) or default_folders()
    if not folders:
        raise UsageError(f"there is no folder {DEFAULT_FOLDER}/ here: name the configuration's file or folder")
    return folders
