"""Updates: plan and apply are one path, stopped at different points; validation comes before them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache, partial

from rota.app import rights
from rota.app.context import Context
from rota.app.origins import origin_of
from rota.app.readiness import ready_database
from rota.model.acts import Act
from rota.model.definition import Configuration
from rota.model.errors import RotaError, StalePlan
from rota.plan import Allowed, Plan
from rota.plan.saved import SavedPlan, SavedPlans
from rota.reconcile.reconciler import Applied, apply, is_applied, make_plan, plan_for_new_database, require_fresh
from rota.store import schema


def plan_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Plan]:
    """What applying each configuration would do. Changes nothing, and makes no database where there is none."""
    if not context.store.exists():
        return [plan_for_new_database(each, allowed) for each in configurations]
    schema.require_current(context.store)
    rights.require(context, Act.CONFIGURATION_PLAN)
    return [make_plan(context.store, each, allowed, now=context.now()) for each in configurations]


def apply_all(context: Context, configurations: Sequence[Configuration], allowed: Allowed) -> list[Applied]:
    """Apply the configurations one after the other, each whole or not at all.

    The first that is refused ends it; the error has a note for each that was applied before.
    """
    ready_database(context)
    rights.require(context, Act.CONFIGURATION_APPLY)
    return _in_order(_apply(context, each, allowed) for each in configurations)


def apply_saved(context: Context, configurations: Sequence[Configuration], saved: SavedPlans) -> list[Applied]:
    """Apply what the plans say, each whole or not at all.

    Raises `StalePlan` where the configurations or the database are not those that the plans were made from. That is
    looked at for all of them before any is applied, and for each again in its transaction.
    """
    ready_database(context)
    rights.require(context, Act.CONFIGURATION_APPLY)
    _require_the_same(configurations, saved)
    if len(configurations) > 1:
        for desired, plan in zip(configurations, plan_all(context, configurations, saved.allowed), strict=True):
            require_fresh(_plan_of(saved, desired), plan)
    return _in_order(_apply(context, each, saved.allowed, _plan_of(saved, each)) for each in configurations)


def _in_order(updates: Iterator[Applied]) -> list[Applied]:
    done: list[Applied] = []
    try:
        done.extend(updates)
    except RotaError as error:
        for each in done:
            if not each.plan.is_empty:
                error.add_note(
                    f"before that, configuration {each.plan.configuration} was applied as revision {each.revision}"
                )
        raise
    return done


def _apply(context: Context, desired: Configuration, allowed: Allowed, saved: SavedPlan | None = None) -> Applied:
    origin = cache(partial(origin_of, desired.source))
    if not is_applied(context.store, desired):
        origin()  # git may take its time, and nobody is to wait for it at a lock
    applied = apply(context.store, desired, allowed, by=context.user, now=context.now, saved=saved, origin=origin)
    context.roots[desired.name] = desired.root
    return applied


def _require_the_same(configurations: Sequence[Configuration], saved: SavedPlans) -> None:
    planned, named = {each.configuration for each in saved.plans}, {each.name for each in configurations}
    if planned != named:
        said = ", ".join(sorted(planned)) or "none"
        raise StalePlan(f"the plan is for the configurations {said}, not for {', '.join(sorted(named)) or 'none'}")


def _plan_of(saved: SavedPlans, configuration: Configuration) -> SavedPlan:
    return next(each for each in saved.plans if each.configuration == configuration.name)
