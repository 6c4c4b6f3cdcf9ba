"""The reconciler: compares a configuration with the database and brings the database to it, all or nothing.

Level-triggered: it always looks at both whole pictures, whatever woke it.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import datetime

import msgspec

from rota.model.acts import Act, Audited
from rota.model.definition import Configuration
from rota.model.errors import DefinitionInUse, EmptyConfiguration, LastingError, StalePlan, UpdateRefused
from rota.model.revision import Origin
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed, Plan, compare
from rota.plan.compare import compare_applied
from rota.plan.narrow import compare_some, differing
from rota.plan.plan import Reason
from rota.plan.saved import SavedPlan
from rota.plan.snapshot import Actual
from rota.reconcile.apply import carry_out
from rota.reconcile.observe import observe, observe_header, observe_users
from rota.store import Store, Transaction, audit, configurations, lapses, locks, scheduled_jobs
from rota.store.configurations import AppliedConfiguration
from rota.store.wakeups import wake_engines

MOST_SINGLE = 500
"""With more names than these, the whole picture is not much larger."""


class Applied(msgspec.Struct, frozen=True):
    """What an update did. `revision` is the one in force after it."""

    plan: Plan
    revision: int


def make_plan(
    store: Store, desired: Configuration, allowed: Allowed, *, now: datetime, known: Configuration | None = None
) -> Plan:
    """What `apply` would do `now`. Changes nothing."""
    with store.read() as tx:
        return _plan(tx, desired, allowed, now, known)[0]


def _plan(
    tx: Transaction, desired: Configuration, allowed: Allowed, now: datetime, known: Configuration | None = None
) -> tuple[Plan, AbstractSet[str] | None]:
    """The plan, and the names of all definitions that may differ from the applied ones, where they were found out.

    Where the applied revision has the digest of `desired`, the ten thousand rows behind it need no second look. Where
    it has that of a `known` configuration, only those rows do that are about what differs.
    """
    header = observe_header(tx, desired)
    if header is not None and _is_the_same(header, desired):
        return compare_applied(desired, header.revision, header.root, observe_users(tx, desired)), frozenset()
    names = _differing(desired, known) if known and header and header.digest == known.digest else None
    if names is None or _unknown_users(tx, desired):
        return compare(desired, observe(tx, desired, now), allowed), names
    concerned = names | scheduled_jobs.homes(tx, desired.name, names)
    return compare_some(desired, observe(tx, desired, now, concerned), concerned, allowed), names


def _differing(desired: Configuration, applied: Configuration) -> AbstractSet[str] | None:
    """The names of the definitions that differ, where they can be told and are few."""
    names = differing(desired, applied) if applied.digest else None
    return names if names is not None and len(names) <= MOST_SINGLE else None


def _unknown_users(tx: Transaction, desired: Configuration) -> frozenset[str]:
    return desired.users - {ADMINISTRATOR} - observe_users(tx, desired)


def plan_for_new_database(desired: Configuration, allowed: Allowed) -> Plan:
    """What `apply` would do with a database that does not exist yet."""
    nothing = Actual(revision=0, digest="", header={}, definitions={}, users=frozenset())
    return compare(desired, nothing, allowed)


def apply(
    store: Store,
    desired: Configuration,
    allowed: Allowed,
    *,
    by: str,
    now: Callable[[], datetime],
    saved: SavedPlan | None = None,
    base: AppliedConfiguration | None = None,
    origin: Callable[[], Origin] = Origin,
    known: Configuration | None = None,
) -> Applied:
    """Plan and carry out in one transaction under the configuration lock.

    An empty plan changes nothing at all, but for where the configuration is known to lie.

    A caller that applied a configuration before may give it as `known`: if it is still the applied one, only what
    differs from it is looked at. The time is asked `now` once the locks are held, however long they were waited for: so
    later revisions have later times, and no new schedule counts from before its update. There, too, `origin` is asked
    where there is something to apply: what takes its time is found out before.

    Raises `StalePlan` where the plan is not the one that was `saved`, or where another revision than the `base` that
    `desired` was made from is in force; and `UpdateRefused`, or one of its kinds, with every reason.
    """
    with store.write() as tx:
        locks.hold_configuration(tx)
        scheduled_jobs.hold(tx, desired.name)
        at = now()
        lapses.restore_all(tx, at, desired.name)
        plan, names = _plan(tx, desired, allowed, at, known)
        if saved is not None:
            require_fresh(saved, plan)
        if base is not None:
            _require_base(base, plan)
        refuse(plan)
        if plan.is_empty:
            if configurations.move(tx, desired.name, desired.root):
                wake_engines(tx)
            return Applied(plan, plan.from_revision)
        source = origin()
        number = carry_out(tx, plan, desired, by=by, now=at, origin=source, differing=names)
        facts = {"revision": number, **plan.summary, **({"restores": source.restores} if source.restores else {})}
        act = Audited(at=at, user=by, act=Act.CONFIGURATION_APPLY, subject=desired.name, facts=facts)
        audit.note(tx, act)
        wake_engines(tx)
        return Applied(plan, number)


def is_applied(store: Store, desired: Configuration) -> bool:
    """Whether the database holds this configuration as it is, so that `apply` is likely to have nothing to do."""
    with store.read() as tx:
        header = observe_header(tx, desired)
    return header is not None and _is_the_same(header, desired)


def _is_the_same(header: AppliedConfiguration, desired: Configuration) -> bool:
    return bool(desired.digest) and header.digest == desired.digest


def require_fresh(saved: SavedPlan, plan: Plan) -> None:
    """Raise `StalePlan` unless `plan` does what the saved one says, from where it was made."""
    if why := saved.why_stale(plan):
        raise StalePlan(f"the plan for configuration {plan.configuration} is stale: {why}; make and read a new one")


def _require_base(base: AppliedConfiguration, plan: Plan) -> None:
    """Raise `StalePlan` unless `plan` leads from `base`. Overrides may have changed: nobody was told what it does."""
    if (plan.from_revision, plan.from_digest) != (base.revision, base.digest):
        raise StalePlan(
            f"configuration {plan.configuration} went from revision {base.revision} to {plan.from_revision} meanwhile; "
            "look at `rota history`, and call it again"
        )


_KINDS: dict[Reason, type[LastingError]] = {Reason.EMPTY: EmptyConfiguration, Reason.IN_USE: DefinitionInUse}


def refuse(plan: Plan) -> None:
    """Raise what keeps a plan from being applied, if anything does."""
    if plan.refusals:
        kind = _KINDS.get(plan.refusals[0].reason, UpdateRefused)
        raise kind(f"configuration {plan.configuration}: " + "; ".join(refusal.text for refusal in plan.refusals))
