"""Administration in Python: what `platform.users`, `platform.locks` and `platform.audit` are made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from rota.app import audit, locks, users
from rota.app.arguments import require_instant
from rota.app.audit import AuditFilter
from rota.app.context import Context
from rota.app.locks import LEASE_SECONDS, Held
from rota.app.users import NewToken
from rota.model.acts import Audited
from rota.model.lock import Lock
from rota.model.users import Role, Token, User


class Users:
    """The users of a platform, and their tokens."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def add(self, name: str, *, role: str = Role.USER, password: str | None = None) -> User:
        """Make a user, "user" or "administrator"; without a password nobody can sign in as them, but jobs run."""
        return users.add(self._context, name, role, password)

    def get(self, name: str) -> User:
        """The user of that name. Raises `UserNotFound`."""
        return users.get(self._context, name)

    def list(self) -> Sequence[User]:
        """All users, by name; for a user, themselves."""
        return users.select(self._context)

    def set_role(self, name: str, role: str) -> User:
        """Make a user an "administrator", or an administrator a "user"."""
        return users.set_role(self._context, name, role)

    def set_password(self, name: str, password: str) -> None:
        """Set a password: one's own, or as an administrator anybody's."""
        users.set_password(self._context, name, password)

    def disable(self, name: str, *, reason: str | None = None) -> User:
        """From now on the user may do nothing, and no scheduled job starts as them. Their jobs in progress go on."""
        return users.disable(self._context, name, reason)

    def enable(self, name: str, *, reason: str | None = None) -> User:
        """The user may act again."""
        return users.enable(self._context, name, reason)

    def create_token(self, name: str, token: str, *, expires_in: timedelta | None = None) -> NewToken:
        """Make a token named `token` for the user `name`. `text` of the answer is what a program shows; keep it."""
        return users.create_token(self._context, name, token, expires_in)

    def tokens(self, name: str | None = None) -> Sequence[Token]:
        """A user's tokens, or everybody's, newest first."""
        return users.tokens(self._context, name)

    def revoke_token(self, name: str, token: str, *, reason: str | None = None) -> None:
        """From now on nobody can act with that token."""
        users.revoke_token(self._context, name, token, reason)

    def sign_in(self, name: str, password: str) -> User:
        """The user whose name and password these are. Raises `NotPermitted`."""
        return users.sign_in(self._context, name, password)

    def sign_in_with_token(self, text: str) -> User:
        """The user whose token this is. Raises `NotPermitted`."""
        return users.sign_in_with_token(self._context, text)


class Locks:
    """The locks of a platform: "scheduled-jobs", "jobs" and "exclusive"."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(self) -> Sequence[Lock]:
        """The locks that are held."""
        return locks.select(self._context)

    def lock(self, name: str, *, reason: str, until: datetime | None = None) -> Lock:
        """Take a lock that stays until it is unlocked, or until `until`. Raises `Locked`, naming the holder."""
        return locks.lock(self._context, name, reason=reason, until=until)

    def unlock(self, name: str, *, reason: str | None = None) -> Lock:
        """Free a lock, one's own or another's; returns what was held. Raises `WrongState` where nobody holds it."""
        return locks.unlock(self._context, name, reason)

    @contextmanager
    def hold(
        self,
        name: str,
        *,
        reason: str,
        until: datetime | None = None,
        timeout: float | None = None,
        lease: float = LEASE_SECONDS,
    ) -> Iterator[Held]:
        """Hold a lock while inside: `with platform.locks.hold("exclusive", reason="migration", timeout=60):`.

        It is freed at the end, at `until`, and when this process dies or is silent for `lease` seconds. "exclusive" is
        had once no job runs; raises `StillRunning` when that takes longer than `timeout` seconds. Raises `Locked`,
        naming the holder, and at the end `LockLost` where it was not held all the time.
        """
        with locks.hold(self._context, name, reason=reason, until=until, timeout=timeout, lease=lease) as held:
            yield held


class AuditLog:
    """What was done, by whom and when."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def list(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        by: str | None = None,
        act: str | None = None,
        subject: str | None = None,
        newest: int = 100,
    ) -> Sequence[Audited]:
        """The acts that meet every condition given, newest first. `act` and `subject` may hold `*`."""
        require_instant("since", since)
        require_instant("until", until)
        wanted = AuditFilter(since=since, until=until, by=by, act=act, subject=subject, newest=newest)
        return audit.select(self._context, wanted)
