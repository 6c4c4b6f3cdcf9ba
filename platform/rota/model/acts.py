"""Acts: everything that somebody can do, by the names that rights and the audit log know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Act(StrEnum):
    """The name of an act. What changes something is in the audit log under this name."""

    JOB_START = "job.start"
    JOB_START_COMMAND = "job.start-command"
    JOB_SEE = "job.see"
    JOB_RECEIVE = "job.receive"
    JOB_CANCEL = "job.cancel"
    JOB_REMOVE = "job.remove"
    SCHEDULED_JOB_SEE = "scheduled-job.see"
    SCHEDULED_JOB_START = "scheduled-job.start"
    SCHEDULED_JOB_OVERRIDE = "scheduled-job.override"
    SCHEDULED_JOB_RESET = "scheduled-job.reset"
    SCHEDULED_JOB_CREATE = "scheduled-job.create"
    SCHEDULED_JOB_DELETE = "scheduled-job.delete"
    CONFIGURATION_SEE = "configuration.see"
    CONFIGURATION_PLAN = "configuration.plan"
    CONFIGURATION_APPLY = "configuration.apply"
    LOCK_SEE = "lock.see"
    LOCK_TAKE = "lock.take"
    LOCK_FREE = "lock.free"
    USER_SEE = "user.see"
    USER_ADD = "user.add"
    USER_ROLE = "user.role"
    USER_PASSWORD = "user.password"  # noqa: S105 -- the name of an act
    USER_DISABLE = "user.disable"
    USER_ENABLE = "user.enable"
    USER_SIGN_IN = "user.sign-in"
    TOKEN_SEE = "token.see"  # noqa: S105 -- the name of an act
    TOKEN_CREATE = "token.create"  # noqa: S105 -- the name of an act
    TOKEN_REVOKE = "token.revoke"  # noqa: S105 -- the name of an act
    AUDIT_SEE = "audit.see"
    STATUS_SEE = "status.see"
    ENGINE_RUN = "engine.run"


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """One act as the audit log has it: who did what to what, when and why. `facts` are the act's own."""

    at: datetime
    user: str
    act: str
    subject: str
    reason: str | None = None
    facts: Mapping[str, Any] = {}

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "at": self.at,
            "user": self.user,
            "act": self.act,
            "subject": self.subject,
            "reason": self.reason,
            "facts": dict(self.facts),
        }
