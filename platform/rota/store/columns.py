"""Column types: instants and JSON, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Integer, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class Instant(TypeDecorator[datetime]):
    """An aware datetime. PostgreSQL keeps `timestamptz`; SQLite keeps UTC as text that sorts by time.

    The text is made here and not by SQLAlchemy's own type, which takes four times as long: a job has ten instants. For
    the same reason values are converted by plain functions and not by methods, which SQLAlchemy wraps once more.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return instant_text if dialect.name == "sqlite" else in_utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002 -- inherited
        return _from_text if dialect.name == "sqlite" else in_utc


def in_utc(value: datetime | None) -> datetime | None:
    """The same instant. Raises `ValueError` for one without a time zone."""
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(UTC)


def instant_text(value: datetime | None) -> str | None:
    """An instant as SQLite keeps it. Raises `ValueError` for one without a time zone."""
    utc = in_utc(value)
    return None if utc is None else utc.isoformat(" ", "microseconds")[:26]


@lru_cache(maxsize=1024)  # what is read together mostly came, was claimed, or is due together
def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")  # six times as fast as a `replace`


class Words(TypeDecorator[str]):
    """Text that a method may have written, whatever is in it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- inherited
        return without_nul(value)


def without_nul(value: str | None) -> str | None:
    """Text as both databases can keep it: PostgreSQL's cannot hold the character NUL."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}") if value else value


class _JsonText(JSON):
    """JSON in a column that SQLite takes for text. In one called JSON it makes numbers of its own of 2.0 and 10**30."""

    __visit_name__ = "user_defined"

    def get_col_spec(self, **_options: object) -> str:
        return "TEXT"


Data = JSON(none_as_null=True).with_variant(_JsonText(none_as_null=True), "sqlite")
"""JSON; None is SQL NULL."""

Counter = BigInteger().with_variant(Integer, "sqlite")
"""A 64-bit number that SQLite can also count up by itself as a primary key."""


def to_json(value: Any) -> str:
    """JSON text for a column."""
    return msgspec.json.encode(value).decode()


def as_written(text: bytes) -> Any:
    """A value for a JSON column that is JSON text already."""
    return msgspec.Raw(text)


def from_json(text: str | bytes) -> Any:
    return msgspec.json.decode(text)


def like(column: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
    """Whether the text is as `pattern` says, in which `*` stands for anything."""
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(escaped.replace("*", "%"), escape="\\")
