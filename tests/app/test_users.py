"""Users and tokens through the public face: what is refused, who signs in, and that no secret is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

import rota
from rota.app.context import Context
from rota.app.facade import Platform
from rota.app.passwords import read_token
from rota.model.errors import NotPermitted, UsageError, UserNotFound, WrongState
from rota.store import Store
from rota.testing import SettableClock, make_store

PASSWORD = "battery staple"
WEAK = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$mh13YDMFbYVVB2Aqn18SWA"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def platform(tmp_path: Path, clock: SettableClock) -> Iterator[Platform]:
    """The built-in administrator's, on a clock that the test moves."""
    with closing(make_store(f"sqlite:///{tmp_path}/rota.db")) as store:
        yield Platform(Context(store, clock, "administrator"))


def store_of(platform: Platform) -> Store:
    return platform._context.store


def acts(platform: Platform) -> list[tuple[str, str, str | None]]:
    return [(each.act, each.subject, each.reason) for each in platform.audit.list()][::-1]


@pytest.mark.parametrize(
    "name", ["", "-x", "ann bob", "(engine)", "a" * 65, "ann\n", "../x", "_x"], ids=lambda name: repr(name[:8])
)
def test_what_cannot_be_a_name(platform: Platform, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a user's name"):
        platform.users.add(name)


def test_names_of_every_script_and_addresses_are_names(platform: Platform) -> None:
    for name in ("Аня", "o'brien".replace("'", "."), "ann@example.org", "7"):
        assert platform.users.add(name).name == name


def test_what_is_refused_changes_nothing(platform: Platform) -> None:
    users = platform.users
    users.add("ann")
    with pytest.raises(WrongState, match="there is a user 'ann' already"):
        users.add("ann")
    with pytest.raises(UsageError, match="no role; there are administrator, user"):
        users.add("bob", role="chief")
    with pytest.raises(UsageError, match="too short"):
        users.add("bob", password="short")
    with pytest.raises(UsageError, match="no role"):
        users.set_role("ann", "chief")
    for act in (users.get, users.disable, users.enable, lambda name: users.set_password(name, PASSWORD)):
        with pytest.raises(UserNotFound):
            act("eve")
    with pytest.raises(UserNotFound):
        users.create_token("eve", "ci")
    with pytest.raises(UserNotFound):
        users.tokens("eve")
    assert [user.name for user in users.list()] == ["administrator", "ann"]
    assert acts(platform) == [("user.add", "ann", None)]


def test_the_built_in_administrator_stays_one(platform: Platform) -> None:
    with pytest.raises(WrongState, match="cannot be disabled"):
        platform.users.disable("administrator")
    with pytest.raises(WrongState, match="stays an administrator"):
        platform.users.set_role("administrator", "user")
    platform.users.set_password("administrator", PASSWORD)


def test_every_act_is_noted_and_no_secret_is(platform: Platform, clock: SettableClock) -> None:
    users = platform.users
    users.add("ann", password=PASSWORD)
    users.set_role("ann", "administrator")
    users.set_password("ann", PASSWORD + "!")
    users.disable("ann", reason="left")
    users.disable("ann")
    users.enable("ann", reason="is back")
    text = users.create_token("ann", "ci", expires_in=timedelta(days=1)).text
    users.revoke_token("ann", "ci", reason="leaked")
    assert acts(platform) == [
        ("user.add", "ann", None),
        ("user.role", "ann", None),
        ("user.password", "ann", None),
        ("user.disable", "ann", "left"),
        ("user.enable", "ann", "is back"),
        ("token.create", "ann", None),
        ("token.revoke", "ann", "leaked"),
    ]
    parts = read_token(text)
    assert parts is not None
    file = store_of(platform).file
    assert file is not None
    with closing(sqlite3.connect(file)) as connection:
        dump = "\n".join(connection.iterdump())
    assert "ann" in dump
    assert PASSWORD not in dump
    assert parts[1] not in dump


def test_signing_in_with_a_password(platform: Platform) -> None:
    users = platform.users
    users.add("ann", password=PASSWORD)
    users.add("bob")
    assert users.sign_in("ann", PASSWORD).name == "ann"
    said = set()
    for name, password in (("ann", "wrong words"), ("bob", PASSWORD), ("eve", PASSWORD), ("ann", "")):
        with pytest.raises(NotPermitted) as caught:
            users.sign_in(name, password)
        said.add(caught.value.reason)
    users.disable("ann")
    with pytest.raises(NotPermitted) as caught:
        users.sign_in("ann", PASSWORD)
    assert said == {caught.value.reason}, "nobody learns which users there are"


def test_a_password_hashed_with_weaker_parameters_is_hashed_anew_when_it_is_used(platform: Platform) -> None:
    from argon2 import PasswordHasher

    from rota.store import users

    platform.users.add("ann")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with store_of(platform).write() as tx:
        users.set_password(tx, "ann", weak)
    platform.users.sign_in("ann", PASSWORD)
    with store_of(platform).read() as tx:
        assert users.password_of(tx, "ann") != weak
    assert platform.users.sign_in("ann", PASSWORD).name == "ann"


def test_signing_in_with_a_token(platform: Platform, clock: SettableClock) -> None:
    users = platform.users
    users.add("ann")
    made = users.create_token("ann", "ci", expires_in=timedelta(hours=1))
    assert made.text not in repr(made.token)
    assert users.sign_in_with_token(made.text).name == "ann"
    assert users.tokens("ann")[0].last_used_at == clock.now()
    first = clock.now()
    clock.advance(30)
    users.sign_in_with_token(made.text)
    assert users.tokens("ann")[0].last_used_at == first, "to the minute is enough"
    for text in (made.text + "x", "rota_0000_" + made.text.rpartition("_")[2], "nonsense", ""):
        with pytest.raises(NotPermitted):
            users.sign_in_with_token(text)
    clock.advance(timedelta(hours=1))
    with pytest.raises(NotPermitted):
        users.sign_in_with_token(made.text)


def test_a_token_ends_with_its_revocation_and_rests_while_its_user_is_disabled(platform: Platform) -> None:
    users = platform.users
    users.add("ann")
    text = users.create_token("ann", "ci").text
    users.disable("ann")
    with pytest.raises(NotPermitted):
        users.sign_in_with_token(text)
    users.enable("ann")
    users.sign_in_with_token(text)
    users.revoke_token("ann", "ci")
    with pytest.raises(NotPermitted):
        users.sign_in_with_token(text)
    with pytest.raises(WrongState, match="no token 'ci' that could be revoked"):
        users.revoke_token("ann", "ci")
    users.create_token("ann", "ci")
    with pytest.raises(WrongState, match="has a token 'ci' already"):
        users.create_token("ann", "ci")
    for name, span in (("a b", None), ("x", timedelta())):
        with pytest.raises(UsageError):
            users.create_token("ann", name, expires_in=span)


def test_a_user_minds_their_own_password_and_tokens(platform: Platform) -> None:
    platform.users.add("ann")
    with rota.connect(f"sqlite:///{store_of(platform).file}", user="ann") as hers:
        hers.users.set_password("ann", PASSWORD)
        hers.users.create_token("ann", "laptop")
        assert [token.name for token in hers.users.tokens()] == ["laptop"]
        hers.users.revoke_token("ann", "laptop")
    assert platform.users.sign_in("ann", PASSWORD).name == "ann"
