"""Users and tokens: names, and how long a token is good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.model.users import ADMINISTRATOR, ENGINE, Role, Token, User, is_user_name

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def token(**values: Any) -> Token:
    facts = {"id": "t", "user": "ann", "name": "ci", "created_at": NOW, "expires_at": None, "last_used_at": None}
    return Token(**{**facts, "revoked_at": None, **values})


@pytest.mark.parametrize("name", [ADMINISTRATOR, "ann", "Ölaf", "анна", "ann@example.com", "a.b+c-d_e", "7", "a" * 64])
def test_names(name: str) -> None:
    assert is_user_name(name)


@pytest.mark.parametrize("name", [ENGINE, "", " ann", "ann ", "an n", "_ann", ".ann", "-a", "a/b", "a\n", "a" * 65])
def test_what_is_no_name(name: str) -> None:
    assert not is_user_name(name)


@pytest.mark.parametrize(
    ("values", "valid"),
    [
        ({}, True),
        ({"expires_at": NOW + SECOND}, True),
        ({"expires_at": NOW}, False),
        ({"revoked_at": NOW - SECOND}, False),
        ({"revoked_at": NOW, "expires_at": NOW + SECOND}, False),
    ],
)
def test_a_token_is_good_until_it_is_revoked_or_expires(values: dict[str, datetime], valid: bool) -> None:
    assert token(**values).is_valid(NOW) is valid


def test_the_json_forms_have_every_field_and_no_secret() -> None:
    user = User(name="ann", role=Role.USER, created_at=NOW, has_password=True, disabled_at=NOW)
    assert user.disabled
    assert user.to_data() == {
        "name": "ann",
        "role": "user",
        "created_at": NOW,
        "has_password": True,
        "disabled_at": NOW,
    }
    assert token().to_data() == {
        "id": "t",
        "user": "ann",
        "name": "ci",
        "created_at": NOW,
        "expires_at": None,
        "last_used_at": None,
        "revoked_at": None,
    }
