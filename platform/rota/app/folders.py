"""Which configurations are meant where none is named."""

from __future__ import annotations

from pathlib import Path

DEFAULT_FOLDER = Path("configurations")


def default_folders() -> list[Path]:
    """The folder `configurations/` here, if there is one."""
    return [DEFAULT_FOLDER] if DEFAULT_FOLDER.exists() else []
