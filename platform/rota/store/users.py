"""Users and their tokens: who jobs run as, and who acts. Passwords and tokens are kept as hashes only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from rota.model.errors import UserNotFound, WrongState
from rota.model.users import Role, Token, User
from rota.store.conflicts import insert_unless_there
from rota.store.connection import Transaction
from rota.store.tables import token, user

USED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is known: who uses it often must not write as often."""


def known(tx: Transaction, names: Iterable[str]) -> set[str]:
    """Those of `names` that are users."""
    return set(tx.execute(select(user.c.name).where(user.c.name.in_(set(names)))).scalars())


def all_names(tx: Transaction) -> set[str]:
    """The names of all users."""
    return set(tx.execute(select(user.c.name)).scalars())


def disabled(tx: Transaction, names: Iterable[str]) -> set[str]:
    """Those of `names` that may do nothing."""
    wanted = user.c.name.in_(set(names))
    return set(tx.execute(select(user.c.name).where(wanted, user.c.disabled_at.is_not(None))).scalars())


def get(tx: Transaction, name: str, *, lock: bool = False) -> User:
    """The user of that name, locked until the transaction ends if so wished. Raises `UserNotFound`."""
    query = select(user).where(user.c.name == name)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    if row is None:
        raise UserNotFound(name)
    return _user(row)


def all_users(tx: Transaction) -> list[User]:
    """Every user, by name."""
    return [_user(row) for row in tx.execute(select(user).order_by(user.c.name)).mappings()]


def _user(row: Any) -> User:
    return User(
        name=row["name"],
        role=Role(row["role"]),
        created_at=row["created_at"],
        has_password=row["password"] is not None,
        disabled_at=row["disabled_at"],
    )


def add(tx: Transaction, name: str, role: Role, password: str | None, now: datetime) -> None:
    """`password` is a hash. Raises `WrongState` where there is such a user already."""
    row = {"name": name, "role": role, "password": password, "created_at": now}
    if not insert_unless_there(tx, user, [row], user.c.name):
        raise WrongState(f"there is a user {name!r} already")


def set_role(tx: Transaction, name: str, role: Role) -> None:
    tx.execute(update(user).where(user.c.name == name).values(role=role))


def set_password(tx: Transaction, name: str, password: str | None) -> None:
    """`password` is a hash; None: nobody can sign in with one."""
    tx.execute(update(user).where(user.c.name == name).values(password=password))


def password_of(tx: Transaction, name: str) -> str | None:
    """The hash of the user's password; None where there is no such user, or none is set."""
    found: str | None = tx.execute(select(user.c.password).where(user.c.name == name)).scalar()
    return found


def set_disabled(tx: Transaction, name: str, since: datetime | None) -> None:
    tx.execute(update(user).where(user.c.name == name).values(disabled_at=since))


# Tokens


def add_token(tx: Transaction, new: Token, digest: str) -> None:
    """Raises `WrongState` where the user has a token of that name that has not been revoked."""
    facts = ("id", "user", "name", "created_at", "expires_at")
    row = {"digest": digest, **{name: getattr(new, name) for name in facts}}
    if not insert_unless_there(tx, token, [row], token.c.id):
        raise WrongState(f"user {new.user!r} has a token {new.name!r} already; revoke it first")


def tokens(tx: Transaction, name: str | None = None) -> list[Token]:
    """The tokens of a user, or of all, newest first."""
    query = select(token).order_by(token.c.created_at.desc(), token.c.name)
    rows = tx.execute(query if name is None else query.where(token.c.user == name)).mappings()
    return [_token(row) for row in rows]


def token_with_digest(tx: Transaction, token_id: str) -> tuple[Token, str] | None:
    """The token of that id and the digest of its secret."""
    row = tx.execute(select(token).where(token.c.id == token_id)).mappings().one_or_none()
    return None if row is None else (_token(row), row["digest"])


def note_use(tx: Transaction, token_id: str, now: datetime) -> None:
    """Note that a token was used."""
    long_ago = or_(token.c.last_used_at.is_(None), token.c.last_used_at < now - USED_EVERY)
    tx.execute(update(token).where(token.c.id == token_id, long_ago).values(last_used_at=now))


def revoke_token(tx: Transaction, name: str, token_name: str, now: datetime) -> bool:
    """End a token. False: the user has none of that name that has not been revoked."""
    mine = (token.c.user == name, token.c.name == token_name, token.c.revoked_at.is_(None))
    return tx.execute(update(token).where(*mine).values(revoked_at=now)).rowcount == 1


def _token(row: Any) -> Token:
    return Token(**{name: value for name, value in row.items() if name != "digest"})
