"""Many rows in one statement: what it reads is what was packed, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Column, Float, MetaData, Table, Text, select
from sqlalchemy.exc import IntegrityError

from rota.store import Store
from rota.store.bulk import as_instant, as_json, insert_rows, packed, statements
from rota.store.columns import Data, Instant, without_nul
from tests.support.stored import table_in

NOON = datetime(2026, 5, 4, 12, 0, 0, 250, tzinfo=UTC)

thing = Table(
    "thing",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("at", Instant),
    Column("data", Data),
    Column("share", Float),
)
COLUMNS = {"name_": "text", "at_": "timestamptz", "data_": "json", "share_": "float8"}
INSERT = statements("INSERT INTO thing (name, at, data, share) SELECT name_, at_, data_, share_ FROM {rows}", COLUMNS)


@pytest.fixture
def things(store: Store) -> Iterator[Store]:
    with table_in(store, thing):
        yield store


def insert(store: Store, *rows: tuple[str | None, datetime | None, Any, float | None]) -> list[tuple[Any, ...]]:
    """The rows as they are read back, by name."""
    with store.write() as tx:
        given = [
            {"name_": without_nul(name), "at_": as_instant(tx, at), "data_": as_json(data), "share_": share}
            for name, at, data, share in rows
        ]
        tx.execute(INSERT[tx.dialect.name], {"rows": packed(given)})
    with store.read() as tx:
        return [tuple(row) for row in tx.execute(select(thing).order_by(thing.c.name))]


def test_every_kind_of_value_comes_back(things: Store) -> None:
    rows = [("a", NOON, {"rows": [1, None, "€'\"\\"]}, 0.5), ("b", None, None, None)]
    assert insert(things, *rows) == rows


def test_rows_that_are_new_come_back_and_the_others_are_left_out(things: Store) -> None:
    rows = [("a", NOON, {"rows": [1, None, "€'\"\\"]}, 0.5), ("b", None, None, None)]
    assert [insert_new(things, *rows), insert_new(things, *rows, ("c", NOON, [], 1.0))] == [2, 1]
    with things.read() as tx:
        assert [tuple(row) for row in tx.execute(select(thing).order_by(thing.c.name))] == [*rows, ("c", NOON, [], 1.0)]
    with pytest.raises(IntegrityError), things.write() as tx:
        insert_rows(tx, thing, ("name",), [("d",), ("a",)])


def insert_new(store: Store, *rows: tuple[str, datetime | None, Any, float | None]) -> int:
    with store.write() as tx:
        given = [(name, as_instant(tx, at), as_json(data), share) for name, at, data, share in rows]
        return insert_rows(tx, thing, ("name", "at", "data", "share"), given, unless_there=True)


def test_a_thousand_rows_are_one_statement(things: Store) -> None:
    rows = [(f"{number:04}", NOON + timedelta(seconds=number), number, 1.5) for number in range(1000)]
    assert insert(things, *rows) == rows


def test_no_rows_are_no_error(things: Store) -> None:
    assert insert(things) == []


def test_what_postgresql_cannot_keep_is_replaced(things: Store) -> None:
    assert insert(things, ("a\0", None, None, None)) == [("a\N{REPLACEMENT CHARACTER}", None, None, None)]


def test_an_instant_of_another_zone_is_kept_in_utc(things: Store) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-3)))
    assert insert(things, ("a", there, None, None)) == [("a", NOON, None, None)]


def test_an_instant_without_a_zone_is_refused(things: Store) -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        insert(things, ("a", NOON.replace(tzinfo=None), None, None))
