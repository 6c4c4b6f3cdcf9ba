"""Column types: instants and JSON, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware datetime. PostgreSQL keeps `timestamptz`; SQLite keeps UTC text that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- inherited
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text that a method may have written, whatever is in it: PostgreSQL's text cannot hold the character NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- inherited
        return None if value is None else value.replace("\0", "\N{REPLACEMENT CHARACTER}")


Data = JSON(none_as_null=True)
"""JSON; None is SQL NULL."""

Counter = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number that SQLite can also count up by itself as a primary key."""


def to_json(value: Any) -> str:
    """JSON text for a column."""
    return msgspec.json.encode(value).decode()


def from_json(text: str | bytes) -> Any:
    return msgspec.json.decode(text)
