"""What can be done with users and their tokens. Every interface calls these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from rota.app import passwords, rights
from rota.app.context import Context
from rota.model.acts import Act
from rota.model.errors import NotPermitted, UsageError, UserNotFound, WrongState
from rota.model.users import ADMINISTRATOR, Role, Token, User, is_user_name
from rota.store import Transaction, users


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made. `text` is what a program shows; nobody can read it again."""

    token: Token
    text: str


def add(context: Context, name: str, role: str = Role.USER, password: str | None = None) -> User:
    """Make a user; without a password nobody can sign in as them, but jobs can run as them.

    Raises `UsageError` for a bad name, role or password, and `WrongState` where there is such a user already.
    """
    rights.require(context, Act.USER_ADD)
    if not is_user_name(name):
        raise UsageError(f"{name!r} cannot be a user's name: letters, digits and ._@+-, at most 64, first no sign")
    chosen = _role(role)
    hashed = passwords.hash_password(password) if password is not None else None
    with context.store.write() as tx:
        users.add(tx, name, chosen, hashed, context.now())
        rights.note(context, tx, Act.USER_ADD, name, facts={"role": chosen, "password": hashed is not None})
        return users.get(tx, name)


def get(context: Context, name: str) -> User:
    """The user of that name."""
    rights.require(context, Act.USER_SEE, owner=name)
    with context.store.read() as tx:
        return users.get(tx, name)


def select(context: Context) -> list[User]:
    """All users by name; for a user, themselves."""
    own = rights.sees_only(context, act=Act.USER_SEE)
    with context.store.read() as tx:
        return users.all_users(tx) if own is None else [users.get(tx, own)]


def set_role(context: Context, name: str, role: str) -> User:
    """Make a user an administrator, or an administrator a user. Raises `WrongState` for the built-in administrator."""
    rights.require(context, Act.USER_ROLE)
    chosen = _role(role)
    with context.store.write() as tx:
        before = users.get(tx, name, lock=True)
        if chosen is Role.USER:
            _refuse_built_in(name, "stays an administrator")
        users.set_role(tx, name, chosen)
        rights.note(context, tx, Act.USER_ROLE, name, facts={"from": before.role, "to": chosen})
        return users.get(tx, name)


def set_password(context: Context, name: str, password: str) -> None:
    """Set a user's password; one's own, or as an administrator anybody's."""
    rights.require(context, Act.USER_PASSWORD, owner=name)
    hashed = passwords.hash_password(password)
    with context.store.write() as tx:
        users.get(tx, name, lock=True)
        users.set_password(tx, name, hashed)
        rights.note(context, tx, Act.USER_PASSWORD, name)


def disable(context: Context, name: str, reason: str | None = None) -> User:
    """From now on the user may do nothing, and no scheduled job starts as them. Twice is no error.

    Jobs that they have started go on.
    """
    return _switch(context, name, Act.USER_DISABLE, reason)


def enable(context: Context, name: str, reason: str | None = None) -> User:
    """The user may act again. Twice is no error."""
    return _switch(context, name, Act.USER_ENABLE, reason)


def _switch(context: Context, name: str, act: Act, reason: str | None) -> User:
    rights.require(context, act)
    disabled = act is Act.USER_DISABLE
    with context.store.write() as tx:
        before = users.get(tx, name, lock=True)
        if disabled:
            _refuse_built_in(name, "cannot be disabled")
        if before.disabled != disabled:
            users.set_disabled(tx, name, context.now() if disabled else None)
            rights.note(context, tx, act, name, reason=reason)
        return users.get(tx, name)


def _refuse_built_in(name: str, what: str) -> None:
    if name == ADMINISTRATOR:
        raise WrongState(f"the built-in user {ADMINISTRATOR!r} {what}: it acts where nobody else is named")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no role; there are {', '.join(Role)}") from error


# Tokens


def create_token(context: Context, name: str, token: str, expires_in: timedelta | None = None) -> NewToken:
    """Make a token named `token` for a user: for oneself, or as an administrator for anybody.

    Its text is in the answer and nowhere else. Raises `WrongState` where they have one of that name.
    """
    rights.require(context, Act.TOKEN_CREATE, owner=name)
    if not is_user_name(token):
        raise UsageError(f"{token!r} cannot be a token's name: letters, digits and ._@+-, at most 64, first no sign")
    if expires_in is not None and expires_in <= timedelta():
        raise UsageError("a token must be valid for some time")
    token_id, text, digest = passwords.make_token()
    now = context.now()
    new = Token(
        id=token_id,
        user=name,
        name=token,
        created_at=now,
        expires_at=None if expires_in is None else now + expires_in,
        last_used_at=None,
        revoked_at=None,
    )
    with context.store.write() as tx:
        users.get(tx, name)
        users.add_token(tx, new, digest)
        facts = {"token": token, "id": token_id, "expires_at": new.expires_at and new.expires_at.isoformat()}
        rights.note(context, tx, Act.TOKEN_CREATE, name, facts=facts)
    return NewToken(new, text)


def tokens(context: Context, name: str | None = None) -> list[Token]:
    """A user's tokens, or everybody's, newest first; for a user their own. Revoked and expired ones are among them."""
    own = rights.sees_only(context, act=Act.TOKEN_SEE)
    wanted = own if name is None else name
    rights.require(context, Act.TOKEN_SEE, owner=wanted)
    with context.store.read() as tx:
        if wanted is not None:
            users.get(tx, wanted)
        return users.tokens(tx, wanted)


def revoke_token(context: Context, name: str, token: str, reason: str | None = None) -> None:
    """From now on nobody can act with that token. Raises `WrongState` where there is none in use."""
    rights.require(context, Act.TOKEN_REVOKE, owner=name)
    with context.store.write() as tx:
        users.get(tx, name)
        if not users.revoke_token(tx, name, token, context.now()):
            raise WrongState(f"user {name!r} has no token {token!r} that could be revoked")
        rights.note(context, tx, Act.TOKEN_REVOKE, name, reason=reason, facts={"token": token})


# Signing in


def sign_in(context: Context, name: str, password: str) -> User:
    """The user whose name and password these are; for a program that serves others.

    Raises `NotPermitted`, in the same words and after the same time whatever is wrong.
    """
    rights.require(context, Act.USER_SIGN_IN)
    with context.store.read() as tx:
        stored = users.password_of(tx, name)
    if not passwords.is_password(stored, password):
        raise _refused(name)
    with context.store.read() as tx:
        user = _active(tx, name)
    if stored is not None and passwords.needs_new_hash(stored):
        with context.store.write() as tx:
            users.set_password(tx, name, passwords.hash_password(password))
    return user


def sign_in_with_token(context: Context, text: str) -> User:
    """The user whose token this is; for a program that serves others. Notes its use. Raises `NotPermitted`."""
    rights.require(context, Act.USER_SIGN_IN)
    parts = passwords.read_token(text)
    if parts is None:
        raise _refused("?")
    token_id, secret = parts
    now = context.now()
    with context.store.read() as tx:
        found = users.token_with_digest(tx, token_id)
        if found is None or not passwords.is_secret(found[1], secret) or not found[0].is_valid(now):
            raise _refused("?")
        token = found[0]
        user = _active(tx, token.user)
    if token.last_used_at is None or now - token.last_used_at >= users.USED_EVERY:
        with context.store.write() as tx:
            users.note_use(tx, token_id, now)
    return user


def _active(tx: Transaction, name: str) -> User:
    try:
        user = users.get(tx, name)
    except UserNotFound as error:
        raise _refused(name) from error
    if user.disabled:
        raise _refused(name)
    return user


def _refused(name: str) -> NotPermitted:
    return NotPermitted(name, Act.USER_SIGN_IN, "the name, the password or the token is wrong or no longer valid")
