"""Settings: flag, environment, `[tool.rota]` in pyproject.toml, default (the door of the environment)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rota.model.errors import UsageError
from rota.model.users import ADMINISTRATOR

DEFAULT_DATABASE = "sqlite:///rota.db"

ENVIRONMENT = {"database": "ROTA_DATABASE", "user": "ROTA_USER"}
"""Each setting with its environment variable."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the database is, and who acts."""

    database: str = DEFAULT_DATABASE
    user: str = ADMINISTRATOR


def read_settings(
    flags: Mapping[str, str | None] | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings in force. `folder` is where pyproject.toml is looked for: the current one, by default.

    Raises `UsageError` for a setting that is empty, and a pyproject.toml that cannot be read or says something unknown.
    """
    environment = os.environ if environment is None else environment
    project = _project(folder or Path())
    chosen: dict[str, str] = {}
    for name, variable in ENVIRONMENT.items():
        said = (
            (f"--{name}", (flags or {}).get(name)),
            (variable, environment.get(variable)),
            (f"[tool.rota] {name}", project.get(name)),
        )
        for where, value in said:
            if value is not None:
                chosen[name] = _not_empty(value, where)
                break
    return Settings(**chosen)


def _not_empty(value: str, where: str) -> str:
    """A pipeline's secret that is not there is empty: what was meant for its database must happen in no other one."""
    if not value:
        raise UsageError(f"{where} is given and empty: say which, or leave it out")
    return value


def _project(folder: Path) -> dict[str, str]:
    file = folder / "pyproject.toml"
    if not file.exists():
        return {}
    import tomllib

    try:
        document: Any = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    tool = document.get("tool", {})
    section = tool.get("rota", {}) if isinstance(tool, dict) else None
    if not isinstance(section, dict):
        raise UsageError(f"{file}: [tool.rota] must be a table")
    for name, value in section.items():
        if name not in ENVIRONMENT:
            raise UsageError(f"{file}: [tool.rota] has no setting {name!r}; it has {', '.join(ENVIRONMENT)}")
        if not isinstance(value, str):
            raise UsageError(f"{file}: [tool.rota] {name} must be a string")
    return dict(section)


def state_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where a user's programs keep what they have to remember (XDG base directories), with a folder of Rota's own."""
    named = (os.environ if environment is None else environment).get("XDG_STATE_HOME")
    return Path(named or Path.home() / ".local" / "state", "rota")


def plan_key(environment: Mapping[str, str] | None = None) -> str | None:
    """The secret that machines of one pipeline share for their plans: ROTA_PLAN_KEY."""
    return (os.environ if environment is None else environment).get("ROTA_PLAN_KEY") or None


def surrounding_variables() -> dict[str, str]:
    """The variables of this process, which configurations may use."""
    return dict(os.environ)


def wants_traceback(environment: Mapping[str, str] | None = None) -> bool:
    """Whether ROTA_TRACEBACK is set to anything: a mistake of Rota's own is shown in full."""
    return bool((os.environ if environment is None else environment).get("ROTA_TRACEBACK"))


def wants_no_colour(environment: Mapping[str, str] | None = None) -> bool:
    """Whether NO_COLOR is set to anything (https://no-color.org)."""
    return bool((os.environ if environment is None else environment).get("NO_COLOR"))
