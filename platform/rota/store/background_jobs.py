"""Background jobs: how they come in, and how they are read and found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, bindparam, func, select, text

from rota.model.acts import Audited
from rota.model.background_job import AttemptRecord, BackgroundJob, NewJob, Progress
from rota.model.command import Command
from rota.model.errors import JobNotFound, UsageError
from rota.model.outcome import ErrorInfo
from rota.model.states import State
from rota.model.values import Parameters
from rota.store import audit, grounds
from rota.store.bulk import as_instant, as_json, as_text, packed, statements
from rota.store.columns import like
from rota.store.connection import Transaction
from rota.store.cursors import is_unread
from rota.store.driver import Writing
from rota.store.grounds import Grounds
from rota.store.tables import CLAIMABLE_STATE, attempt, background_job, node
from rota.store.wakeups import Channel

job = background_job


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
    "pool": "text",
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
    tx: Transaction, jobs: Sequence[NewJob], pools: Mapping[str, str], *, may_exist: bool = False
) -> set[str]:
    """Insert queued jobs; returns the ids of those inserted: one whose key is taken is not.

    `pools` maps job id to queue. With `may_exist` one whose id is taken is left out too.
    """
    rows = packed(_row(tx, new, pools[new.id]) for new in jobs)
    if may_exist or any(new.key is not None for new in jobs):
        return set(tx.execute(_INSERT_UNLESS_THERE[tx.dialect.name], {"rows": rows}).scalars())
    tx.execute(_INSERT[tx.dialect.name], {"rows": rows})
    return {new.id for new in jobs}


def start_jobs(
    tx: Writing, like: NewJob, each: Iterable[tuple[str, Parameters]], pool: str, *, act: Audited, given: Grounds
) -> bool:
    """Insert jobs without keys, whose ids are new, and write the act of starting them. `each`: (id, parameters).

    All else they have from `like`. Returns whether the grounds `given` held: where not, nothing was done. One statement
    on PostgreSQL, which wakes engines as well: then a start is one exchange with the server.
    """
    rows = packed({"id_": job_id, "parameters_": as_json(parameters)} for job_id, parameters in each)
    started = {"rows": rows, **_common(tx, like, pool)}
    if tx.dialect.name == "postgresql":
        all_ = {**started, **audit.row(tx, act), **grounds.row(tx, given), "channel_": Channel.QUEUES}
        return tx.execute(_START_NOTED, all_).fetchone() is not None
    if not grounds.hold(tx, given):
        return False
    tx.execute(_START["sqlite"], started)
    audit.note(tx, act)
    return True


_COMMON = (
    "method",
    "command",
    "name",
    "key_scope",
    "user",
    "pool",
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

_START_NOTED = text(
    f"WITH held AS ({grounds.HOLD}), "  # noqa: S608 -- as above
    f"started AS ({_START['postgresql'].text}, held), "
    f"noted AS ({audit.NOTE} FROM held) "
    "SELECT pg_notify(:channel_, :pool_) FROM held"
)


def _common(tx: Writing, new: NewJob, pool: str) -> dict[str, Any]:
    return {
        "method_": new.method,
        "command_": as_json(new.command.to_data()) if new.command is not None else None,
        "name_": as_text(new.name),
        "key_scope_": new.key_scope,
        "user_": new.user,
        "pool_": pool,
        "rank_": -new.priority,
        "retry_": as_json(new.retry.to_data()) if new.retry.count else None,
        "timeout_": new.timeout,
        "created_at_": as_instant(tx, new.created_at),
        "due_at_": as_instant(tx, new.due_at),
        "configuration_": new.configuration,
    }


def _row(tx: Transaction, new: NewJob, pool: str) -> dict[str, Any]:
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
        **_common(tx, new, pool),
    }


def get(tx: Transaction, job_id: str) -> BackgroundJob:
    """The job with its attempts. Raises `JobNotFound`."""
    row = tx.execute(_shown().where(job.c.id == job_id)).mappings().one_or_none()
    if row is None:
        raise JobNotFound("background job", job_id)
    tries = tx.execute(_ATTEMPTS, {"job_": row["sequence"]}).mappings()
    return _job(row, (*[_attempt(each) for each in tries], *_last_attempt(row)))


_ATTEMPTS = (
    select(attempt, node.c.name.label("node_name"))
    .outerjoin(node, node.c.id == attempt.c.node)
    .where(attempt.c.job == bindparam("job_"))
    .order_by(attempt.c.number)
)


def states(tx: Transaction, ids: Sequence[str], *, user: str | None = None) -> dict[str, State]:
    """The state of each job that exists; with `user`, of those that run as this user."""
    rows = tx.execute(select(job.c.id, job.c.state).where(job.c.id.in_(ids), *_of(user)))
    return {row.id: State(row.state) for row in rows}


def find_id(tx: Transaction, selector: str, *, user: str | None = None) -> str:
    """The id that `selector` stands for: a whole id, an unambiguous prefix, or the newest job of that name.

    With `user` only jobs that run as this user are there.
    """
    begins = job.c.id.startswith(selector, autoescape=True)
    matches = list(tx.execute(select(job.c.id).where(begins, *_of(user)).order_by(job.c.id).limit(2)).scalars())
    if len(matches) == 1 or selector in matches:
        return selector if selector in matches else str(matches[0])
    if matches:
        raise UsageError(f"{selector!r} is the beginning of several background jobs; give more of the id")
    newest = select(job.c.id).where(job.c.name == selector, *_of(user)).order_by(job.c.sequence.desc()).limit(1)
    named = tx.execute(newest).scalar()
    if named is None:
        raise JobNotFound("background job", selector)
    return str(named)


def _of(user: str | None) -> list[ColumnElement[bool]]:
    return [] if user is None else [job.c.user == user]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs to list: all conditions that are set hold. `name` and `method` may hold `*`, in any case of letters.

    Children are left out unless `children` or a name asks for them, or `parent`, an id, for those of one job.
    `unread_by` names a consumer; `ended_after` and `ended_before` bound the end, which a job must have. `newest` is how
    many at most, None for all.
    """

    states: tuple[State, ...] = ()
    name: str | None = None
    method: str | None = None
    key: str | None = None
    scheduled_job: str | None = None
    children: bool = False
    parent: str | None = None
    unread_by: str | None = None
    ended_after: datetime | None = None
    ended_before: datetime | None = None
    user: str | None = None
    newest: int | None = 100


def select_jobs(tx: Transaction, wanted: Filter) -> list[BackgroundJob]:
    """The matching jobs, newest first, without their attempts."""
    query = _shown().where(*_conditions(wanted)).order_by(job.c.sequence.desc()).limit(wanted.newest)
    return [_job(row) for row in tx.execute(query).mappings()]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions = [column == value for column, value in _equal(wanted) if value is not None] + _of(wanted.user)
    if wanted.states:
        conditions.append(job.c.state.in_([str(state) for state in wanted.states]))
    if wanted.name is not None:
        conditions.append(like(func.lower(job.c.name), wanted.name.lower()))
    if wanted.method is not None:
        conditions.append(like(func.lower(job.c.method), wanted.method.strip().lower()))
    if wanted.parent is None and wanted.name is None and not wanted.children:
        conditions.append(job.c.parent.is_(None))
    if wanted.unread_by is not None:
        conditions.append(is_unread(wanted.unread_by))
    if wanted.ended_after is not None:
        conditions.append(job.c.end_at > wanted.ended_after)
    if wanted.ended_before is not None:
        conditions.append(job.c.end_at < wanted.ended_before)
    return conditions


def _equal(wanted: Filter) -> list[tuple[ColumnElement[str | None], str | None]]:
    return [(job.c.key, wanted.key), (job.c.scheduled_job, wanted.scheduled_job), (job.c.parent, wanted.parent)]


def count_by_state(tx: Transaction, *, user: str | None = None) -> dict[str, int]:
    rows = tx.execute(select(job.c.state, func.count()).where(*_of(user)).group_by(job.c.state))
    return {str(state): count for state, count in rows}


def waiting_by_pool(tx: Transaction) -> dict[str, int]:
    """How many jobs are queued, or wait for a restart, in each queue that has any."""
    return {str(pool): count for pool, count in tx.execute(_WAITING)}


_WAITING = select(job.c.pool, func.count()).where(text(CLAIMABLE_STATE)).group_by(job.c.pool)


def _shown() -> Any:
    return select(job, node.c.name.label("node_name")).outerjoin(node, node.c.id == job.c.node)


def _job(row: Any, attempts: tuple[AttemptRecord, ...] = ()) -> BackgroundJob:
    return BackgroundJob(
        id=row["id"],
        method=row["method"],
        command=Command.from_data(row["command"]),
        name=row["name"],
        parameters=row["parameters"],
        key=row["key"],
        user=row["user"],
        state=State(row["state"]),
        reason=row["reason"],
        attempt=row["attempt"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        begin_at=row["begin_at"],
        end_at=row["end_at"],
        location=row["node_name"],
        executor=row["pool"].rpartition("/")[2],
        priority=-row["rank"],
        scheduled_job=row["scheduled_job"],
        definition=row["definition"],
        nominal_start=row["nominal_start"],
        progress=Progress(fraction=row["progress_fraction"], text=row["progress_text"]),
        result=row["result"],
        error=ErrorInfo.from_data(row["error"]),
        cancel_requested_at=row["cancel_requested_at"],
        parent=row["parent"],
        attempts=attempts,
    )


def _last_attempt(row: Any) -> Iterator[AttemptRecord]:
    """The attempt that ended the job, which is kept in the job's own row."""
    if row["last_end"] is not None:
        yield AttemptRecord(
            number=row["attempt"],
            begin_at=row["last_begin_at"],
            end_at=row["end_at"],
            node=row["node_name"] or row["node"],
            process=row["process"],
            end=row["last_end"],
            error=ErrorInfo.from_data(row["error"]),
        )


def _attempt(row: Any) -> AttemptRecord:
    return AttemptRecord(
        number=row["number"],
        begin_at=row["begin_at"],
        end_at=row["end_at"],
        node=row["node_name"] or row["node"],
        process=row["process"],
        end=row["end"],
        error=ErrorInfo.from_data(row["error"]),
    )
