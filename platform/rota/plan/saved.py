"""Plans on their way through a pipeline: what was looked at, and what must still hold when it is carried out.

`rota plan --out` writes them and `rota apply --plan` reads them; the reconciler asks, in the transaction of the update,
whether they still hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from rota.model.values import canonical
from rota.plan.plan import Plan
from rota.plan.refusals import Allowed

VERSION: Literal[1] = 1


class SavedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration's plan: which one, from where to where, and the digest of everything that it would do.

    `source` is the file or folder that it was read from, as it was named then.
    """

    configuration: str
    source: str
    digest: str
    from_revision: int
    from_digest: str
    changes: str

    @classmethod
    def of(cls, plan: Plan, source: str) -> SavedPlan:
        """What is kept of a plan that was made from the files in `source`."""
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


class SavedPlans(msgspec.Struct, frozen=True, kw_only=True):
    """What one file holds: the plans of one call, and what they were allowed.

    `checked` is what the configurations were found to be, and `seal` what shows that nobody altered that since; both
    are for whoever wrote them.
    """

    rota_plan: Literal[1] = VERSION
    allowed: Allowed
    plans: list[SavedPlan]
    checked: msgspec.Raw = msgspec.Raw(b"null")
    seal: str | None = None

    def to_json(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> SavedPlans:
        """Raises `ValueError` for what is no such file, or one of another version of Rota."""
        return msgspec.json.decode(text, type=cls)


def save(plans: Sequence[Plan], sources: Sequence[str], allowed: Allowed) -> SavedPlans:
    """The plans, each with the source of its configuration, as they are kept in a file."""
    made = [SavedPlan.of(plan, source) for plan, source in zip(plans, sources, strict=True)]
    return SavedPlans(allowed=allowed, plans=made)


def _changes(plan: Plan) -> str:
    """The SHA-256 of all changes. What a new definition says is in the configuration's own digest."""
    told = [(each.action, each.kind, each.name) if each.action == "create" else each.to_data() for each in plan.changes]
    return sha256(canonical(told)).hexdigest()
