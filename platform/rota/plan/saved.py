"""Plans on their way through a pipeline: what was looked at, and what must still hold when it is carried out.

`rota plan --out` writes them and `rota apply --plan` reads them; the reconciler asks, in the transaction of the update,
whether they still hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from rota.plan.compare import Allowed
from rota.plan.plan import Plan

VERSION: Literal[1] = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """One configuration's plan: which one, from where to where, and every change as JSON.

    `source` is the file or folder that it was read from, as it was named then.
    """

    configuration: str
    source: str
    digest: str
    from_revision: int
    from_digest: str
    changes: list[dict[str, Any]]

    @classmethod
    def of(cls, plan: Plan, source: str) -> SavedPlan:
        return cls(
            configuration=plan.configuration,
            source=source,
            digest=plan.digest,
            from_revision=plan.from_revision,
            from_digest=plan.from_digest,
            changes=_changes(plan),
        )

    def why_stale(self, plan: Plan) -> str | None:
        """What moved on since, where `plan` is the one that would be carried out now; None if nothing did."""
        if plan.digest != self.digest:
            return "its files, the environment or a variable are not those that the plan was made from"
        if (plan.from_revision, plan.from_digest) != (self.from_revision, self.from_digest):
            return f"the database is at revision {plan.from_revision}, the plan was made from {self.from_revision}"
        if _changes(plan) != self.changes:
            return "overrides or scheduled jobs made by hand have changed, and with them what it would do"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlans:
    """What one file holds: the plans of one call, and what they were allowed."""

    rota_plan: Literal[1] = VERSION
    allowed: Allowed
    plans: list[SavedPlan]

    def to_json(self) -> bytes:
        return msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> SavedPlans:
        """Raises `ValueError` for what is no such file, or one of another version of Rota."""
        return msgspec.json.decode(text, type=cls)


def save(plans: Sequence[Plan], sources: Sequence[str], allowed: Allowed) -> SavedPlans:
    """The plans, each with the source of its configuration, as they are kept in a file."""
    made = [SavedPlan.of(plan, source) for plan, source in zip(plans, sources, strict=True)]
    return SavedPlans(allowed=allowed, plans=made)


def _changes(plan: Plan) -> list[dict[str, Any]]:
    """As they read once they have been JSON."""
    changes: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode([each.to_data() for each in plan.changes]))
    return changes
