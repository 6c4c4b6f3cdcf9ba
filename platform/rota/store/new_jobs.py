"""New background jobs: how they come in, many in one statement, whoever starts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import TextClause, text

from rota.model.acts import Audited
from rota.model.background_job import NewJob
from rota.model.states import State
from rota.model.values import Parameters
from rota.store import audit, grounds
from rota.store.bulk import as_instant, as_json, packed, statements
from rota.store.columns import without_nul
from rota.store.connection import Transaction
from rota.store.driver import Writing
from rota.store.grounds import Grounds
from rota.store.wakeups import Channel, wake_dispatchers

_COLUMNS = {
    "id": "text",
    "method": "text",
    "command": "json",
    "name": "text",
    "parameters": "json",
    "key": "text",
    "key_scope": "text",
    "behind": "boolean",
    "user": "text",
    "queue": "text",
    "rank": "integer",
    "retry": "json",
    "timeout": "float8",
    "created_at": "timestamptz",
    "due_at": "timestamptz",
    "configuration": "text",
    "definition": "text",
    "scheduled_job": "text",
    "nominal_start": "timestamptz",
    "stop_at": "timestamptz",
    "completion_interval": "float8",
}
"""What a new job brings, with PostgreSQL's types."""


def _insertion(columns: Mapping[str, str], common: Sequence[str] = (), end: str = "") -> dict[str, TextClause]:
    """Inserts a queued job for each row of `columns`, with the same `common` values for all."""
    names = ", ".join(f'"{name}"' for name in (*columns, *common))
    values = ", ".join([f"{name}_" for name in columns] + [f":{name}_" for name in common])
    # Only names that stand in this module go into the text.
    sql = f"INSERT INTO rota_background_job (state, {names}) SELECT '{State.QUEUED}', {values} FROM {{rows}} {end}"  # noqa: S608
    return statements(sql, {f"{name}_": kind for name, kind in columns.items()})


_INSERT = _insertion(_COLUMNS)
_INSERT_UNLESS_THERE = _insertion(_COLUMNS, end="WHERE true ON CONFLICT DO NOTHING RETURNING id")


def insert_jobs(
    tx: Transaction, jobs: Sequence[NewJob], queues: Mapping[str, str], *, may_exist: bool = False
) -> set[str]:
    """Insert queued jobs; returns the ids of those inserted: one whose key is taken is not.

    `queues` has the queue of each, by its id. With `may_exist` one whose id is taken is left out too.
    """
    rows = packed(_row(tx, new, queues[new.id]) for new in jobs)
    if may_exist or any(new.key is not None for new in jobs):
        return set(tx.execute(_INSERT_UNLESS_THERE[tx.dialect.name], {"rows": rows}).scalars())
    tx.execute(_INSERT[tx.dialect.name], {"rows": rows})
    return {new.id for new in jobs}


def start_jobs(
    tx: Writing, like: NewJob, each: Iterable[tuple[str, Parameters]], queue: str, *, act: Audited, given: Grounds
) -> bool:
    """Insert jobs without keys, whose ids are new, and write the act of starting them. `each`: (id, parameters).

    All else they have from `like`. Returns whether the grounds `given` held: where not, nothing was done. One statement
    on PostgreSQL, which wakes engines as well: then a start is one exchange with the server.
    """
    rows = packed({"id_": job_id, "parameters_": as_json(parameters)} for job_id, parameters in each)
    started = {"rows": rows, **_common(tx, like, queue)}
    if tx.dialect.name == "postgresql":
        all_ = {**started, **audit.row(tx, act), **grounds.row(tx, given), "channel_": Channel.QUEUES}
        return tx.execute(_START_NOTED, all_).fetchone() is not None
    if not grounds.hold(tx, given):
        return False
    tx.execute(_START["sqlite"], started)
    audit.note(tx, act)
    return True


def note_start(tx: Transaction, act: Audited, queue: str) -> None:
    """Write the act of a start into the log and wake engines, by one exchange with a server."""
    if tx.dialect.name == "postgresql":
        tx.execute(_NOTE_AND_WAKE, {**audit.row(tx, act), "channel_": Channel.QUEUES, "queue_": queue})
    else:
        audit.note(tx, act)
        wake_dispatchers(tx, [queue])


_COMMON = (
    "method",
    "command",
    "name",
    "key_scope",
    "user",
    "queue",
    "rank",
    "retry",
    "timeout",
    "created_at",
    "due_at",
    "configuration",
)
"""What jobs that are started together have in common."""

# Not a part of the rows: a server reads those twice as fast without them.
_START = _insertion({"id": "text", "parameters": "json"}, _COMMON)

_NOTED = f"{audit.NOTE} {{source}} RETURNING pg_notify(:channel_, :queue_)"
_NOTE_AND_WAKE = text(_NOTED.format(source=""))
_START_NOTED = text(
    f"WITH held AS ({grounds.HOLD}), started AS ({_START['postgresql'].text}, held) "
    + _NOTED.format(source="FROM held")
)


def _common(tx: Writing, new: NewJob, queue: str) -> dict[str, Any]:
    return {
        "method_": new.method,
        "command_": as_json(new.command.to_data()) if new.command is not None else None,
        "name_": without_nul(new.name),
        "key_scope_": new.key_scope,
        "user_": new.user,
        "queue_": queue,
        "rank_": -new.priority,
        "retry_": as_json(new.retry.to_data()) if new.retry.count else None,
        "timeout_": new.timeout,
        "created_at_": as_instant(tx, new.created_at),
        "due_at_": as_instant(tx, new.due_at),
        "configuration_": new.configuration,
    }


def _row(tx: Transaction, new: NewJob, queue: str) -> dict[str, Any]:
    return {
        "id_": new.id,
        "parameters_": as_json(new.parameters),
        "key_": new.key,
        "behind_": new.behind,
        "definition_": new.definition,
        "scheduled_job_": new.scheduled_job,
        "nominal_start_": as_instant(tx, new.nominal_start),
        "stop_at_": as_instant(tx, new.stop_at),
        "completion_interval_": new.completion_interval,
        **_common(tx, new, queue),
    }
