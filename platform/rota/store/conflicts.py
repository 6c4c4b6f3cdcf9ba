"""Inserting what may be there already: the one place where the two databases spell it differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table

from rota.store.connection import Transaction


def insert_unless_there(
    tx: Transaction, table: Table, rows: Sequence[Mapping[str, Any]], returning: Column[Any]
) -> set[Any]:
    """Insert the rows that break no unique index; returns the `returning` column of those inserted."""
    if not rows:
        return set()
    statement = insertion(tx, table).on_conflict_do_nothing().returning(returning)
    return set(tx.execute(statement, list(rows)).scalars())


def insertion(tx: Transaction, table: Table) -> Any:
    """An insert that can say what to do on a conflict."""
    # Importing PostgreSQL's side takes 37 ms, which a start on SQLite need not pay.
    if tx.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert(table)
    from sqlalchemy.dialects.sqlite import insert as insert_into_sqlite

    return insert_into_sqlite(table)
