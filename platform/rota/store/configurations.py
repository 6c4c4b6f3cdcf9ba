"""Configurations as applied: headers and job definitions."""

from __future__ import annotations

import os.path
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Table, bindparam, delete, insert, select, update

from rota.model.background_job import NewJob
from rota.model.definition import BUILT_IN_EXECUTORS, Configuration, ExecutorSpec, Header, Retention
from rota.model.values import Json
from rota.store.bulk import as_json, insert_rows, packed, statements
from rota.store.columns import without_nul
from rota.store.connection import Transaction
from rota.store.tables import configuration, definition


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedConfiguration(Header):
    """The header of an applied configuration. `revision` counts from 1.

    `root` is the folder that it was last applied from.
    """

    revision: int
    digest: str
    root: str
    applied_at: datetime
    applied_by: str

    def pool_of(self, executor: str) -> str:
        """The queue that its jobs for `executor` wait in: a configuration's own executor has a queue of its own."""
        is_own = any(spec.name == executor for spec in self.executors)
        return f"{self.name}/{executor}" if is_own else executor

    def import_path(self, root: str | None = None) -> tuple[str, ...]:
        """The folders that its modules are looked for in, where its files lie in `root` for whoever asks."""
        return tuple(os.path.realpath(os.path.join(root or self.root, folder)) for folder in self.path)  # noqa: PTH118 - Path takes ten times as long

    def executors_for_methods(self) -> dict[str, str]:
        """The executors that its methods may run in, the built-in ones and its own, with their kinds."""
        kinds = {**{name: name for name in BUILT_IN_EXECUTORS}, **{spec.name: spec.kind for spec in self.executors}}
        return {name: kind for name, kind in kinds.items() if kind != "command"}

    def to_data(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "revision": self.revision,
            "digest": self.digest,
            "description": self.description,
            "timezone": self.timezone,
            "modules": list(self.modules),
            "root": self.root,
            "path": list(self.path),
            "applied_at": self.applied_at,
            "applied_by": self.applied_by,
        }


class StoredDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A definition as stored."""

    id: int
    name: str
    properties: Mapping[str, Json]
    unresolved: str | None


def applied(tx: Transaction, name: str | None = None) -> list[AppliedConfiguration]:
    """Every applied configuration, or the one of that name, ordered by name."""
    query = select(configuration).order_by(configuration.c.name)
    if name is not None:
        query = query.where(configuration.c.name == name)
    return [_applied(row) for row in tx.execute(query).mappings()]


def _applied(row: Any) -> AppliedConfiguration:
    executors = tuple(ExecutorSpec(name=name, **spec) for name, spec in row["executors"].items())
    return AppliedConfiguration(
        **{
            **row,
            "modules": tuple(row["modules"]),
            "path": tuple(row["path"]),
            "executors": executors,
            "retention": Retention(**row["retention"]),
        }
    )


def definitions(
    tx: Transaction, configuration_name: str, names: AbstractSet[str] | None = None
) -> list[StoredDefinition]:
    """The definitions of a configuration, or those of these names."""
    query = (
        select(definition.c.id, definition.c.name, definition.c.properties, definition.c.unresolved)
        .where(definition.c.configuration == configuration_name)
        .order_by(definition.c.name)
    )
    if names is not None:
        query = query.where(definition.c.name.in_(names))
    return [StoredDefinition(**row) for row in tx.execute(query).mappings()]


def pools_of(tx: Transaction, jobs: Sequence[NewJob]) -> dict[str, str]:
    """The queue that each job waits in, by job id."""
    homes = {each.name: each for each in applied(tx)}
    return {
        job.id: homes[job.configuration].pool_of(job.executor) if job.configuration in homes else job.executor
        for job in jobs
    }


def save_header(tx: Transaction, new: Configuration, *, number: int, by: str, now: datetime) -> None:
    """Insert or replace the header of a configuration with that of revision `number`."""
    values = {
        "revision": number,
        "digest": new.digest,
        "root": new.root,
        **new.properties,
        "applied_at": now,
        "applied_by": by,
    }
    changed = tx.execute(update(configuration).where(configuration.c.name == new.name).values(**values))
    if changed.rowcount == 0:
        tx.execute(insert(configuration).values(name=new.name, **values))


def move(tx: Transaction, name: str, root: str) -> bool:
    """Note that a configuration lies in another folder now. Returns whether it is another one."""
    elsewhere = (configuration.c.name == name, configuration.c.root != root)
    return bool(tx.execute(update(configuration).where(*elsewhere).values(root=root)).rowcount)


def create_definitions(
    tx: Transaction, configuration_name: str, new: Sequence[tuple[str, Mapping[str, Json]]]
) -> dict[str, int]:
    """Insert definitions given as (name, properties); returns the ids of all by their names."""
    if not new:
        return {}
    columns = ("configuration", "name", "properties")
    insert_rows(tx, definition, columns, ((configuration_name, name, as_json(told)) for name, told in new))
    return definition_ids(tx, configuration_name)


def definition_ids(tx: Transaction, configuration_name: str) -> dict[str, int]:
    """The id of each definition by its name."""
    query = select(definition.c.name, definition.c.id).where(definition.c.configuration == configuration_name)
    ids: Any = tx.execute(query).all()
    return dict(ids)


def change_definitions(tx: Transaction, changes: Sequence[tuple[int, str, Mapping[str, Json]]]) -> None:
    """Give definitions, by id, a name and properties. A mark of being unresolved goes: the method was checked anew."""
    if changes:
        set_names_aside(tx, definition, [i for i, _, _ in changes])
        tx.execute(
            update(definition)
            .where(definition.c.id == bindparam("id_"))
            .values(name=bindparam("name_"), properties=bindparam("properties_"), unresolved=None),
            [{"id_": i, "name_": name, "properties_": p} for i, name, p in changes],
        )


def set_names_aside(tx: Transaction, table: Table, ids: Sequence[Any]) -> None:
    """Free the names of rows that are about to get new ones, so that two may exchange theirs."""
    tx.execute(
        update(table).where(table.c.id == bindparam("id_")).values(name=bindparam("name_")),
        [{"id_": i, "name_": f"~{i}"} for i in ids],
    )


def delete_definitions(tx: Transaction, ids: Sequence[int]) -> None:
    if ids:
        tx.execute(delete(definition).where(definition.c.id == bindparam("id_")), [{"id_": i} for i in ids])


def mark_unresolved(tx: Transaction, reasons: Mapping[str, str]) -> None:
    """Note for scheduled jobs, by id, why the method of their definition does not resolve."""
    if reasons:
        rows = [{"job_": job, "reason_": without_nul(reason)} for job, reason in reasons.items()]
        tx.execute(_MARK_UNRESOLVED[tx.dialect.name], {"rows": packed(rows)})


def mark_resolved(tx: Transaction, scheduled_jobs: Collection[str]) -> None:
    """Take the note away: the method of these scheduled jobs has run."""
    if scheduled_jobs:
        rows = packed({"job_": job} for job in scheduled_jobs)
        tx.execute(_MARK_RESOLVED[tx.dialect.name], {"rows": rows})


_MARK_UNRESOLVED = statements(
    """
    UPDATE rota_definition SET unresolved = reason_
    FROM rota_scheduled_job JOIN {rows} ON rota_scheduled_job.id = job_
    WHERE rota_definition.id = definition
    """,
    {"job_": "text", "reason_": "text"},
)

_MARK_RESOLVED = statements(
    """
    UPDATE rota_definition SET unresolved = NULL
    WHERE unresolved IS NOT NULL
        AND id IN (SELECT definition FROM rota_scheduled_job JOIN {rows} ON rota_scheduled_job.id = job_)
    """,
    {"job_": "text"},
)
