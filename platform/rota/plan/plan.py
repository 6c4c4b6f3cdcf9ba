"""A plan: what an update would do, as data. `plan` shows it, `apply` carries it out."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import cached_property
from typing import Any

import msgspec

from rota.plan.operations import Change, Operation


class Reason(StrEnum):
    """Why a plan cannot be applied as it is."""

    UNKNOWN_USER = "unknown user"
    EMPTY = "empty configuration"
    IN_USE = "definition in use"
    TOO_MANY_DELETES = "too many deletes"
    NAME_TAKEN = "name taken"
    EXECUTOR_OVERRIDDEN = "executor overridden"


class Refusal(msgspec.Struct, frozen=True):
    """One reason, in words that say the way out."""

    reason: Reason
    text: str


class Plan(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The operations that bring the database from revision `from_revision` (0: never applied) to `configuration`.

    `refusals` say why it cannot be applied as it is; `warnings` what is allowed and worth a look. `digest` is that of
    the configuration, `from_digest` that of the applied revision.
    """

    configuration: str
    digest: str
    from_digest: str
    from_revision: int
    operations: tuple[Operation, ...]
    unchanged: int
    warnings: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What the operations say of themselves, in the order in which they are carried out."""
        return tuple(change for operation in self.operations if (change := operation.describe()) is not None)

    @property
    def is_empty(self) -> bool:
        """Nothing would change, and nothing keeps it from being applied."""
        return not self.operations and not self.refusals

    @cached_property
    def summary(self) -> dict[str, int]:
        """How many definitions are created, updated, renamed, deleted and left as they are."""
        counts = Counter(change.action for change in self.changes if change.kind == "definition")
        return {
            "create": counts["create"],
            "update": counts["update"],
            "rename": counts["rename"],
            "delete": counts["delete"],
            "unchanged": self.unchanged,
        }

    @property
    def renames(self) -> dict[str, str]:
        """The old and the new name of each definition that gets one."""
        named = ((change.renamed_from, change.name) for change in self.changes)
        return {old: new for old, new in named if old is not None}

    def to_data(self) -> dict[str, Any]:
        return {
            "configuration": self.configuration,
            "from_revision": self.from_revision,
            "changes": [change.to_data() for change in self.changes],
            "warnings": list(self.warnings),
            "refusals": [refusal.text for refusal in self.refusals],
            "summary": self.summary,
        }
