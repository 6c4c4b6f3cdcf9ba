"""Many rows at once, without SQLAlchemy's binding of every value of every row (docs/benchmarks.md has the times).

What engines and clients write all the time is one statement: the rows travel to the database as one JSON value, which
both databases read as a table. Rows of a first apply, which are new and as many as a configuration has jobs, are
inserted by the driver: on SQLite in half the time of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, TextClause, text

from rota.model.values import Json
from rota.store.columns import in_utc, instant_text, to_json
from rota.store.connection import Transaction
from rota.store.driver import Writing


def statements(sql: str, columns: Mapping[str, str]) -> dict[str, TextClause]:
    """The statement for each database. `{rows}` in it is the table of rows, whose `columns` have PostgreSQL's types.

    The rows themselves are the parameter `rows`: what `packed` makes. `{for_update}` locks the rows that are read where
    writers do not take turns.
    """
    values = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    read = {name: "text" if kind in {"json", "timestamptz"} else kind for name, kind in columns.items()}
    types = ", ".join(f"{name} {kind}" for name, kind in read.items())
    casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in columns.items())
    # Only names that stand in this room's code go into the text; every value is a parameter.
    tables = {
        "sqlite": f"(SELECT {values} FROM json_each(:rows)) AS given",  # noqa: S608
        "postgresql": f"(SELECT {casts} FROM json_to_recordset(CAST(:rows AS json)) AS given({types})) AS given",  # noqa: S608
    }
    locking = {"sqlite": "", "postgresql": "FOR UPDATE"}
    return {
        name: text(sql.replace("{rows}", table).replace("{for_update}", locking[name]))
        for name, table in tables.items()
    }


def insert_rows(
    tx: Transaction, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, unless_there: bool = False
) -> int:
    """Insert rows by the driver; returns how many. With `unless_there` one that breaks a unique index is left out.

    Values of JSON columns and instants must have been made with the functions below.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join(["?" if tx.dialect.name == "sqlite" else "%s"] * len(columns))
    end = "ON CONFLICT DO NOTHING" if unless_there else ""
    sql = f"INSERT INTO {table.name} ({names}) VALUES ({marks}) {end}"  # noqa: S608 -- as above
    return tx.exec_driver_sql(sql, [tuple(row) for row in rows]).rowcount


def packed(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as the one parameter. Values of JSON columns and instants must have been made with the functions below.

    A value that is None is left out, and so is NULL.
    """
    return to_json([{name: value for name, value in row.items() if value is not None} for row in rows])


def as_json(value: Json) -> str | None:
    """The value of a JSON column; None is SQL NULL."""
    return None if value is None else to_json(value)


def as_instant(tx: Writing, value: datetime | None) -> datetime | str | None:
    """The value of an instant's column: SQLite keeps it as it is written here, a server reads what JSON makes of it."""
    return instant_text(value) if tx.dialect.name == "sqlite" else in_utc(value)
