"""Users: who acts, and whom jobs run as."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

ADMINISTRATOR = "administrator"
"""The built-in user that acts, and that jobs run as, when nothing else is said."""

ENGINE = "(engine)"
"""Who the audit log names for what an engine did by itself. No user can have this name."""

_NAME = re.compile(r"[^\W_][\w.@+-]{0,63}")


def is_user_name(name: str) -> bool:
    """Whether a user may have this name: at most 64 letters, digits and `._@+-`, beginning with a letter or digit."""
    return _NAME.fullmatch(name) is not None


class Role(StrEnum):
    """What a user may do: a user starts background jobs and sees their own, an administrator does everything."""

    ADMINISTRATOR = "administrator"
    USER = "user"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user as stored. `disabled_at`: since when they may do nothing; None while they may."""

    name: str
    role: Role
    created_at: datetime
    has_password: bool
    disabled_at: datetime | None

    @property
    def disabled(self) -> bool:
        return self.disabled_at is not None

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "name": self.name,
            "role": str(self.role),
            "created_at": self.created_at,
            "has_password": self.has_password,
            "disabled_at": self.disabled_at,
        }


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a program shows instead of a password; its secret is stored nowhere. `last_used_at` is to the minute."""

    id: str
    user: str
    name: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "id": self.id,
            "user": self.user,
            "name": self.name,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "last_used_at": self.last_used_at,
            "revoked_at": self.revoked_at,
        }
