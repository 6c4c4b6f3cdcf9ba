"""Locks: what administrators hold to keep jobs from starting. Three names, one meaning each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class LockName(StrEnum):
    """What is locked."""

    SCHEDULED_JOBS = "scheduled-jobs"
    """No scheduled job starts."""
    JOBS = "jobs"
    """No job of any kind starts."""
    EXCLUSIVE = "exclusive"
    """No job of any kind starts, and none runs once it is had. Held only as long as its holder lives."""


STOP_JOBS = (LockName.JOBS, LockName.EXCLUSIVE)
"""The locks under which no job of any kind starts."""


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """A lock that is held, or was. `until`: when it frees itself.

    One that is held as long as its holder lives has an `owner`, random and its fencing token, and a `beat` that the
    holder keeps raising; when that has stood still for `lease` seconds, the holder is taken for dead. `seen_at`: when
    it last did, by its own clock.
    """

    name: LockName
    holder: str
    reason: str
    since: datetime
    until: datetime | None = None
    owner: str | None = None
    beat: int = 0
    seen_at: datetime | None = None
    lease: float | None = None

    def is_held(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def seems_dead(self, now: datetime) -> bool:
        """Whether the holder of one that lives with it has not been seen for long; clocks may differ, so it seems."""
        return (
            self.lease is not None
            and self.seen_at is not None
            and (now - self.seen_at).total_seconds() > 2 * self.lease
        )

    @property
    def wording(self) -> str:
        """Why something does not start: which lock, whose, and what for."""
        return f"locked ({self.name}) by {self.holder}: {self.reason}"

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form. `living`: it is freed when its holder dies."""
        return {
            "name": str(self.name),
            "holder": self.holder,
            "reason": self.reason,
            "since": self.since,
            "until": self.until,
            "living": self.owner is not None,
        }
