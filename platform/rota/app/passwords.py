"""Passwords and the secrets of tokens: made, hashed and compared (the door of argon2). Used by the users' actions.

A password is short and guessable, so its hash is slow on purpose (Argon2id, RFC 9106). A token's secret is 256 random
bits: nobody can guess it, and a plain SHA-256 keeps it from being read out of the database.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rota.model.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 8
"""Characters of a password at least, as NIST SP 800-63B has it for passwords that people choose."""

LONGEST = 1_000

TOKEN_PREFIX = "rota"  # noqa: S105 -- so that scanners of source code know a token that leaked


def hash_password(password: str) -> str:
    """The hash to store. Raises `UsageError` for a password that is too short or too long."""
    if len(password) < SHORTEST:
        raise UsageError(f"the password is too short: it needs at least {SHORTEST} characters")
    if len(password) > LONGEST:
        raise UsageError(f"the password is too long: {LONGEST} characters are enough")
    return _hasher().hash(_normal(password))


def is_password(stored: str | None, password: str) -> bool:
    """Whether `password` is the one whose hash is stored. Without a hash it takes as long, and is not."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(stored or _nobodys_hash(), _normal(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def _normal(password: str) -> str:
    # The same letters may reach us composed or decomposed, depending on the keyboard.
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(secrets.token_hex())


def make_key() -> bytes:
    """A new key for keyed digests."""
    return secrets.token_bytes(32)


def make_token() -> tuple[str, str, str]:
    """A new token: its id, the text that its owner keeps, and the digest to store."""
    token_id, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return token_id, f"{TOKEN_PREFIX}_{token_id}_{secret}", digest_of(secret)


def read_token(text: str) -> tuple[str, str] | None:
    """The id and the secret that a token's text holds; None for what is no token."""
    prefix, _, rest = text.partition("_")
    token_id, sign, secret = rest.partition("_")
    return (token_id, secret) if prefix == TOKEN_PREFIX and sign and secret else None


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(digest: str, secret: str) -> bool:
    """Whether `secret` is the one whose digest is stored; takes as long wherever they differ."""
    return hmac.compare_digest(digest, digest_of(secret))
