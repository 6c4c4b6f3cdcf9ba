"""What a database holds: byte for byte, to see that nothing changed, and in names, to compare it with another one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from rota.store import Store, revisions
from rota.store.tables import audit, definition, metadata, revision, scheduled_job

Rows = dict[str, list[Any]]


def whole(store: Store) -> Rows:
    """Every row of every table but the audit log's."""
    with store.read() as tx:
        return {
            table.name: [tuple(row) for row in tx.execute(select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
            if table is not audit
        }


def in_names(store: Store) -> Rows:
    """What an update leaves, without ids, which no two databases share; every revision's document is whole."""
    with store.read() as tx:
        names = {row.id: row.name for row in tx.execute(select(definition.c.id, definition.c.name))}
        definitions = [_without(row, "id") for row in tx.execute(select(definition)).mappings()]
        jobs = [
            {**_without(row, "id"), "definition": names[row["definition"]]}
            for row in tx.execute(select(scheduled_job)).mappings()
        ]
        past = [
            {
                **_without(row, "base"),
                "document": revisions.document(tx, row["configuration"], row["number"]),
            }
            for row in tx.execute(select(revision)).mappings()
        ]
        header = [dict(row) for row in tx.execute(select(metadata.tables["rota_configuration"])).mappings()]
    parts = {"definitions": definitions, "jobs": jobs, "revisions": past, "configurations": header}
    return {part: sorted(rows, key=_place) for part, rows in parts.items()}


def _without(row: Any, *columns: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in columns}


def _place(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("configuration", "name", "number"))
