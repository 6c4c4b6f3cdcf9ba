"""Going back: an earlier revision's document is planned and applied as a new revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from msgspec import structs

from rota.app import rights
from rota.app.context import Context
from rota.app.history import applied_one
from rota.configuration.declare import declared
from rota.configuration.load import load_data
from rota.model.acts import Act
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError
from rota.model.revision import Origin
from rota.plan import Allowed, Plan
from rota.plan.renames import names_since, renamed_back
from rota.reconcile.reconciler import Applied, apply, make_plan
from rota.store import revisions
from rota.store.configurations import AppliedConfiguration


def plan_rollback(
    context: Context, number: int, allowed: Allowed, *, configuration: str | None = None, code: bool = True
) -> Plan:
    """What going back to revision `number` would do. Changes nothing. Raises as `rollback` does."""
    rights.require(context, Act.CONFIGURATION_PLAN)
    desired, _ = _desired(context, number, configuration, code=code)
    return make_plan(context.store, desired, allowed, now=context.now())


def rollback(
    context: Context, number: int, allowed: Allowed, *, configuration: str | None = None, code: bool = True
) -> Applied:
    """Apply the document of revision `number` as a new revision. What was renamed since is renamed back.

    It is checked as files are: raises `ConfigurationError`, for a method that is gone perhaps, and whatever an update
    is refused with. Raises `RevisionNotFound`, and `StalePlan` where somebody applies something at the same time.
    """
    rights.require(context, Act.CONFIGURATION_APPLY)
    desired, base = _desired(context, number, configuration, code=code)
    origin = Origin(restores=number)
    return apply(context.store, desired, allowed, by=context.user, now=context.now, base=base, origin=lambda: origin)


def _desired(
    context: Context, number: int, configuration: str | None, *, code: bool
) -> tuple[Configuration, AppliedConfiguration]:
    """What to go back to, and the applied configuration from which the way back was found."""
    with context.store.read() as tx:
        home = applied_one(tx, configuration)
        document = revisions.document(tx, home.name, number)
        now = names_since(document["jobs"], revisions.renamings_after(tx, home.name, number))
    source = f"revision {number} of {home.name}"
    return renamed_back(_checked(document, source, Path(home.root), code=code), now), home


def _checked(document: Mapping[str, Any], source: str, root: Path, *, code: bool) -> Configuration:
    loaded = load_data(declared(document), name=source, root=root, code=code)
    if loaded.configuration is None:
        # It stands in no file that anybody could open.
        raise ConfigurationError(
            [structs.replace(each, file=source, line=None, column=None, source=None) for each in loaded.errors]
        )
    return replace(loaded.configuration, source=source)
