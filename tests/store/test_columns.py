"""Column types: what goes in comes out, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, text
from sqlalchemy.exc import StatementError

from rota.store import Store
from rota.store.columns import Data, Instant, Words, like
from tests.support.stored import table_in

NOON = datetime(2026, 5, 4, 12, 0, 0, 250, tzinfo=UTC)

thing = Table(
    "thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", Instant),
    Column("words", Words),
    Column("data", Data),
    Column("name", Text),
)


@pytest.fixture
def things(store: Store) -> Iterator[Store]:
    with table_in(store, thing):
        yield store


def put(store: Store, **values: Any) -> Any:
    """The row as it is read back."""
    with store.write() as tx:
        tx.execute(insert(thing).values(**values))
    with store.read() as tx:
        return tx.execute(select(thing).order_by(thing.c.id.desc()).limit(1)).one()


def test_an_instant_of_any_zone_comes_back_in_utc(things: Store) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    for value in (NOON, there):
        found = put(things, at=value).at
        assert (found, found.tzinfo) == (NOON, UTC)
    assert put(things, at=None).at is None


def test_an_instant_without_a_zone_is_refused(things: Store) -> None:
    with pytest.raises(StatementError, match="an instant needs a time zone"):
        put(things, at=NOON.replace(tzinfo=None))


def test_instants_sort_by_time(things: Store) -> None:
    instants = [NOON, NOON - timedelta(microseconds=250), NOON + timedelta(days=200), NOON - timedelta(days=9999)]
    for each in instants:
        put(things, at=each)
    with things.read() as tx:
        assert list(tx.execute(select(thing.c.at).order_by(thing.c.at)).scalars()) == sorted(instants)


@pytest.mark.parametrize(
    ("written", "read"), [("a\0b", "a\N{REPLACEMENT CHARACTER}b"), ("", ""), ("é€", "é€"), (None, None)]
)
def test_words_may_hold_what_postgresql_cannot(things: Store, written: str | None, read: str | None) -> None:
    assert put(things, words=written).words == read


@pytest.mark.parametrize("value", [2.0, 10**30, [1, None, {"a": "€"}], "text", False, 0, {}])
def test_json_comes_back_as_it_was(things: Store, value: Any) -> None:
    found = put(things, data=value).data
    assert (found, type(found)) == (value, type(value))


def test_none_is_null_and_no_json(things: Store) -> None:
    put(things, data=None)
    with things.read() as tx:
        assert tx.execute(text("SELECT count(*) FROM thing WHERE data IS NULL")).scalar() == 1


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a*", {"a_b", "a%b", "axb"}),
        ("a_b", {"a_b"}),
        ("a%b", {"a%b"}),
        ("*\\*", {"\\"}),
        ("b", set()),
        ("*b", {"a_b", "a%b", "axb"}),
    ],
)
def test_only_a_star_stands_for_anything(things: Store, pattern: str, found: set[str]) -> None:
    for name in ("a_b", "a%b", "axb", "\\"):
        put(things, name=name)
    with things.read() as tx:
        assert set(tx.execute(select(thing.c.name).where(like(thing.c.name, pattern))).scalars()) == found
