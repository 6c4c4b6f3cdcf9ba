"""Users and tokens on every database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from rota.model.errors import UserNotFound, WrongState
from rota.model.users import ADMINISTRATOR, Role, Token, User
from rota.store import Store, users
from tests.support.stored import NOW, SECOND

TOKEN = Token(id="1", user="ann", name="ci", created_at=NOW, expires_at=None, last_used_at=None, revoked_at=None)


def add(store: Store, name: str = "ann", role: Role = Role.USER, password: str | None = None) -> None:
    with store.write() as tx:
        users.add(tx, name, role, password, NOW)


def get(store: Store, name: str = "ann") -> User:
    with store.read() as tx:
        return users.get(tx, name)


def tokens(store: Store, name: str | None = None) -> list[Token]:
    with store.read() as tx:
        return users.tokens(tx, name)


def add_token(store: Store, token: Token = TOKEN) -> None:
    with store.write() as tx:
        users.add_token(tx, token, f"digest {token.id}")


def last_used(store: Store) -> datetime | None:
    return tokens(store)[0].last_used_at


def test_the_built_in_administrator_is_there(store: Store) -> None:
    found = get(store, ADMINISTRATOR)
    assert (found.role, found.disabled, found.has_password) == (Role.ADMINISTRATOR, False, False)
    with store.read() as tx:
        assert users.known(tx, ["administrator", "ann", "administrator"]) == {"administrator"}
        assert users.known(tx, []) == set()


def test_a_user_comes_back_as_it_was_added(store: Store) -> None:
    add(store, password="hash")
    assert get(store) == User(name="ann", role=Role.USER, created_at=NOW, has_password=True, disabled_at=None)
    with pytest.raises(WrongState, match="there is a user 'ann' already"):
        add(store)
    with pytest.raises(UserNotFound) as caught:
        get(store, "eve")
    assert caught.value.user == "eve"
    with store.read() as tx:
        assert [user.name for user in users.all_users(tx)] == ["administrator", "ann"]


def test_a_user_is_changed(store: Store) -> None:
    add(store)
    with store.write() as tx:
        assert users.password_of(tx, "ann") is None
        users.set_role(tx, "ann", Role.ADMINISTRATOR)
        users.set_password(tx, "ann", "hash")
        users.set_disabled(tx, "ann", NOW)
        assert users.password_of(tx, "ann") == "hash"
        assert users.disabled(tx, ["ann", ADMINISTRATOR, "eve"]) == {"ann"}
    found = get(store)
    assert (found.role, found.has_password, found.disabled_at, found.disabled) == ("administrator", True, NOW, True)
    with store.write() as tx:
        users.set_disabled(tx, "ann", None)
        assert users.disabled(tx, ["ann"]) == set()


def test_a_token_is_kept_without_its_secret(store: Store) -> None:
    add(store)
    add(store, "bob")
    new = replace(TOKEN, expires_at=NOW + timedelta(days=1))
    add_token(store, new)
    add_token(store, replace(TOKEN, id="2", user="bob", created_at=NOW + SECOND))
    assert tokens(store, "ann") == [new]
    assert [token.id for token in tokens(store)] == ["2", "1"]
    with store.read() as tx:
        assert users.token_with_digest(tx, "1") == (new, "digest 1")
        assert users.token_with_digest(tx, "3") is None


def test_a_name_of_a_token_is_free_again_once_it_is_revoked(store: Store) -> None:
    add(store)
    add_token(store)
    with pytest.raises(WrongState, match="has a token 'ci' already"):
        add_token(store, replace(TOKEN, id="2"))
    with store.write() as tx:
        assert users.revoke_token(tx, "ann", "ci", NOW)
        assert not users.revoke_token(tx, "ann", "ci", NOW), "once"
    add_token(store, replace(TOKEN, id="2", created_at=NOW + SECOND))
    assert [(token.id, token.revoked_at) for token in tokens(store)] == [("2", None), ("1", NOW)]


def test_the_last_use_is_noted_to_the_minute(store: Store) -> None:
    add(store)
    add_token(store)
    for seconds, expected in ((0, 0), (59, 0), (61, 61)):
        with store.write() as tx:
            users.note_use(tx, "1", NOW + seconds * SECOND)
        assert last_used(store) == NOW + expected * SECOND
