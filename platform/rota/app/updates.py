"""Updates: plan and apply are one path, stopped at different points; validation comes before them."""

from __future__ import annotations

from collections.abc import Sequence

from rota.app import rights
from rota.app.context import Context
from rota.app.readiness import ready_database
from rota.model.acts import Act
from rota.model.definition import Configuration
from rota.plan import Allowed, Plan
from rota.reconcile.reconciler import Applied, apply, make_plan, plan_for_new_database
from rota.store import schema


def plan_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Plan]:
    """What applying each configuration would do. Changes nothing, and makes no database where there is none."""
    if not context.store.exists():
        return [plan_for_new_database(each, allowed) for each in configurations]
    schema.require_current(context.store)
    rights.require(context, Act.CONFIGURATION_PLAN)
    return [make_plan(context.store, each, allowed) for each in configurations]


def apply_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Applied]:
    """Apply the configurations one after the other, each whole or not at all; the first that is refused ends it."""
    ready_database(context)
    rights.require(context, Act.CONFIGURATION_APPLY)
    return [apply(context.store, each, allowed, by=context.user, now=context.now()) for each in configurations]
