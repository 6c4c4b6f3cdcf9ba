"""Overrides: values that people set at run time, checked by the very rules that a configuration is checked by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rota.configuration.load import load_data
from rota.model.definition import OVERRIDABLE, Definition
from rota.model.errors import UsageError
from rota.model.problem import Problem
from rota.store import Transaction, users
from rota.store.configurations import AppliedConfiguration

HAND_MADE_ONLY = ("parameters",)
"""What may be set for a scheduled job made by hand besides the overridable properties."""


def checked(
    tx: Transaction,
    home: AppliedConfiguration,
    definition: str,
    in_force: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    predefined: bool,
) -> dict[str, Any]:
    """The values in the form in which definitions keep them. Raises `UsageError` naming everything that is wrong.

    `in_force` are the job's properties so far: what a `retry` does not name stays as it is.
    """
    _require_overridable(values, predefined=predefined)
    resolved = _resolve(home, definition, in_force, _completed(in_force, values))
    if resolved.user not in users.known(tx, [resolved.user]):
        raise UsageError(f"user: there is no user {resolved.user!r}")
    properties = resolved.properties
    return {name: properties[name] for name in values}


def _require_overridable(values: Mapping[str, Any], *, predefined: bool) -> None:
    allowed = OVERRIDABLE if predefined else (*OVERRIDABLE, *HAND_MADE_ONLY)
    for name in values:
        if name in HAND_MADE_ONLY and predefined:
            raise UsageError(f"{name} of a predefined job cannot be overridden; change its configuration")
        if name not in allowed:
            raise UsageError(f"{name!r} cannot be overridden; these can: {', '.join(allowed)}")


def _completed(in_force: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who sets `retry={count: 0}` wants no restarts, and not the intervals of a policy that nobody wrote."""
    retry = values.get("retry")
    if not isinstance(retry, Mapping):
        return values
    merged = {**in_force["retry"], **retry}
    return {**values, "retry": {name: value for name, value in merged.items() if value is not None}}


def _resolve(
    home: AppliedConfiguration, definition: str, in_force: Mapping[str, Any], values: Mapping[str, Any]
) -> Definition:
    """The definition with these values, read as if it stood in a file."""
    kept = {name: value for name, value in in_force.items() if name in {"method", "command", "parameters", "executor"}}
    body = {name: value for name, value in {**kept, **values}.items() if value is not None}
    executors = {spec.name: {"kind": spec.kind} for spec in home.executors}
    header = {"name": home.name, "timezone": home.timezone, "modules": list(home.modules), "executors": executors}
    loaded = load_data({"rota": 1, "configuration": header, "jobs": {definition: body}}, name=definition)
    if loaded.configuration is None:
        prefix = f"jobs.{definition}."
        reasons = [f"{each.path.removeprefix(prefix)}: {each.message}{_hint(each)}" for each in loaded.errors]
        raise UsageError("; ".join(reasons))
    return loaded.configuration.definitions[0]


def _hint(problem: Problem) -> str:
    return f" ({problem.hint})" if problem.hint else ""
