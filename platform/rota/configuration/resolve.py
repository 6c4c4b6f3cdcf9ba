"""From what is declared to what holds: defaults are filled in here.

Variables and overlays have been looked at before: both change what is declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rota.model.command import OK_EXIT_CODES
from rota.model.definition import BUILT_IN_EXECUTORS
from rota.model.users import ADMINISTRATOR

COMMAND: Final = "command"
"""The kind of executor that runs commands; all others run methods."""

_JOB_DEFAULTS: Final[dict[str, Any]] = {
    "description": "",
    "method": None,
    "command": None,
    "environment": {},
    "working_directory": None,
    "ok_exit_codes": OK_EXIT_CODES,
    "parameters": None,
    "key": None,
    "predefined": True,
    "use": True,
    "retry": {},
    "schedule": None,
    "timeout": None,
    "user": ADMINISTRATOR,
    "priority": 0,
    "renamed_from": None,
}
JOB_KEYS: Final = frozenset({*_JOB_DEFAULTS, "executor"})


def executor_kinds(executors: Mapping[str, Any]) -> dict[str, str]:
    """The kind of every executor that can be named, the built-in ones included; "" for one that is declared wrongly."""
    kinds = {name: name for name in BUILT_IN_EXECUTORS}
    for name, spec in executors.items():
        kind = spec.get("kind") if isinstance(spec, Mapping) else None
        kinds[name] = kind if kind in BUILT_IN_EXECUTORS else ""
    return kinds


def resolve_job(body: Mapping[str, Any], defaults: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    """The job with every property that it leaves out filled in, from the configuration's defaults or Rota's own."""
    given = {key: value for key, value in body.items() if value is not None}
    return {**_JOB_DEFAULTS, **defaults, "executor": default_executor(given, defaults, kinds), **given}


def default_executor(body: Mapping[str, Any], defaults: Mapping[str, Any], kinds: Mapping[str, str]) -> str:
    """The executor of a job that names none: the configuration's default where it can run the job."""
    is_command = COMMAND in body
    default = defaults.get("executor")
    if isinstance(default, str) and (kinds.get(default) == COMMAND) is is_command:
        return default
    return COMMAND if is_command else "process"
