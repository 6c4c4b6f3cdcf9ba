"""Passwords and tokens: only hashes are kept, and nothing but the secret itself fits them."""

from __future__ import annotations

import unicodedata

import pytest

from rota.app import passwords
from rota.model.errors import UsageError

WORD = "correct horse"
WEAK = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$mh13YDMFbYVVB2Aqn18SWA"


def test_a_password_fits_its_hash_and_nothing_else_does() -> None:
    stored = passwords.hash_password(WORD)
    assert stored.startswith("$argon2id$")
    assert WORD not in stored
    assert passwords.is_password(stored, WORD)
    assert not passwords.is_password(stored, WORD + " ")
    assert not passwords.is_password(None, WORD)
    assert not passwords.is_password("damaged", WORD)
    assert passwords.hash_password(WORD) != stored, "two users with one password do not show it"


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    composed, decomposed = (unicodedata.normalize(form, "crème brûlée") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert passwords.is_password(passwords.hash_password(composed), decomposed)


@pytest.mark.parametrize(("password", "words"), [("seven!!", "too short"), ("", "too short"), ("x" * 1001, "too long")])
def test_what_is_no_password(password: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        passwords.hash_password(password)


def test_a_hash_of_old_is_to_be_made_anew() -> None:
    assert passwords.needs_new_hash(WEAK)
    assert not passwords.needs_new_hash(passwords.hash_password(WORD))


def test_a_token_holds_its_id_and_a_secret_that_fits_the_digest() -> None:
    token_id, text, digest = passwords.make_token()
    read = passwords.read_token(text)
    assert read is not None
    assert read[0] == token_id
    assert passwords.is_secret(digest, read[1])
    assert not passwords.is_secret(digest, read[1] + "x")
    assert read[1] not in digest
    assert len({passwords.make_token()[1] for _ in range(100)}) == 100


@pytest.mark.parametrize("text", ["", "rota", "rota_1", "rota_1_", "other_1_x"])
def test_what_is_no_token(text: str) -> None:
    assert passwords.read_token(text) is None
