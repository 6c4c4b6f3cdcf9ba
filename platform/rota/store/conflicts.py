"""Inserting what may be there already: the one place where the two databases spell it differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from rota.store.connection import Transaction


def insert_unless_there(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], returning: Column[Any]
) -> set[Any]:
    """Insert the rows that break no unique index; returns the `returning` column of those inserted."""
    if not rows:
        return set()
    make: Any = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = make(table).on_conflict_do_nothing().returning(returning)
    return set(tx.execute(statement, list(rows)).scalars())
