"""Background jobs: how they come in, and how they are read and found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, text

from rota.model.background_job import AttemptRecord, BackgroundJob, NewJob, Progress
from rota.model.errors import JobNotFound, UsageError
from rota.model.outcome import ErrorInfo
from rota.model.states import State
from rota.store.conflicts import insert_unless_there
from rota.store.connection import Transaction
from rota.store.tables import HOLDING_STATE, attempt, background_job, node

job = background_job


def insert_jobs(
    tx: Transaction, jobs: Sequence[NewJob], pools: Mapping[str, str], *, may_exist: bool = False
) -> set[str]:
    """Insert queued jobs; returns the ids of those inserted: one whose key is taken is not.

    `pools` maps job id to queue. With `may_exist` one whose id is taken is left out too. Jobs without keys and with ids
    of our own are always inserted, several times faster.
    """
    rows = [_row(new, pools[new.id]) for new in jobs]
    if may_exist or any(new.key is not None for new in jobs):
        return insert_unless_there(tx, job, rows, job.c.id)
    tx.execute(insert(job), rows)
    return {new.id for new in jobs}


def _row(new: NewJob, pool: str) -> dict[str, Any]:
    return {
        "id": new.id,
        "method": new.method,
        "command": list(new.command) if new.command is not None else None,
        "name": new.name,
        "parameters": new.parameters,
        "key": new.key,
        "key_scope": new.key_scope,
        "behind": new.behind,
        "user": new.user,
        "state": State.QUEUED,
        "pool": pool,
        "rank": -new.priority,
        "retry": new.retry.to_data() if new.retry.count else None,
        "timeout": new.timeout,
        "created_at": new.created_at,
        "due_at": new.due_at,
        "configuration": new.configuration,
        "definition": new.definition,
        "scheduled_job": new.scheduled_job,
        "nominal_start": new.nominal_start,
        "stop_at": new.stop_at,
        "completion_interval": new.completion_interval,
    }


def key_holder(tx: Transaction, key_scope: str, key: str) -> str | None:
    """The id of the active job that holds the key, if there is one."""
    return tx.execute(
        select(job.c.id).where(text(HOLDING_STATE), job.c.key_scope == key_scope, job.c.key == key)
    ).scalar()


def get(tx: Transaction, job_id: str) -> BackgroundJob:
    """The job with its attempts. Raises `JobNotFound`."""
    row = tx.execute(_shown().where(job.c.id == job_id)).mappings().one_or_none()
    if row is None:
        raise JobNotFound("background job", job_id)
    tries = tx.execute(select(attempt).where(attempt.c.job == row["sequence"]).order_by(attempt.c.number)).mappings()
    return _job(row, (*[_attempt(each) for each in tries], *_last_attempt(row)))


def states(tx: Transaction, ids: Sequence[str]) -> dict[str, State]:
    """The state of each job that exists."""
    rows = tx.execute(select(job.c.id, job.c.state).where(job.c.id.in_(ids)))
    return {row.id: State(row.state) for row in rows}


def find_id(tx: Transaction, selector: str) -> str:
    """The id that `selector` stands for: a whole id, an unambiguous prefix, or the newest job of that name."""
    matches = list(
        tx.execute(
            select(job.c.id).where(job.c.id.startswith(selector, autoescape=True)).order_by(job.c.id).limit(2)
        ).scalars()
    )
    if len(matches) == 1 or selector in matches:
        return selector if selector in matches else str(matches[0])
    if matches:
        raise UsageError(f"{selector!r} is the beginning of several background jobs; give more of the id")
    named = tx.execute(select(job.c.id).where(job.c.name == selector).order_by(job.c.sequence.desc()).limit(1)).scalar()
    if named is None:
        raise JobNotFound("background job", selector)
    return str(named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs to list: all conditions that are set hold. `name` may hold `*`; `newest` is how many at most."""

    states: tuple[State, ...] = ()
    name: str | None = None
    method: str | None = None
    key: str | None = None
    scheduled_job: str | None = None
    newest: int = 100


def select_jobs(tx: Transaction, wanted: Filter) -> list[BackgroundJob]:
    """The matching jobs, newest first, without their attempts."""
    query = _shown().where(*_conditions(wanted)).order_by(job.c.sequence.desc()).limit(wanted.newest)
    return [_job(row) for row in tx.execute(query).mappings()]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(job.c.state.in_([str(state) for state in wanted.states]))
    if wanted.name is not None:
        conditions.append(job.c.name.like(_like(wanted.name), escape="\\"))
    if wanted.method is not None:
        conditions.append(job.c.method == wanted.method)
    if wanted.key is not None:
        conditions.append(job.c.key == wanted.key)
    if wanted.scheduled_job is not None:
        conditions.append(job.c.scheduled_job == wanted.scheduled_job)
    return conditions


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")


def count_by_state(tx: Transaction) -> dict[str, int]:
    rows = tx.execute(select(job.c.state, func.count()).group_by(job.c.state))
    return {str(state): count for state, count in rows}


def _shown() -> Any:
    return select(job, node.c.name.label("node_name")).outerjoin(node, node.c.id == job.c.node)


def _job(row: Any, attempts: tuple[AttemptRecord, ...] = ()) -> BackgroundJob:
    command = row["command"]
    return BackgroundJob(
        id=row["id"],
        method=row["method"],
        command=tuple(command) if command is not None else None,
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
        attempts=attempts,
    )


def _last_attempt(row: Any) -> Iterator[AttemptRecord]:
    """The attempt that ended the job, which is kept in the job's own row."""
    if row["last_end"] is not None:
        yield AttemptRecord(
            number=row["attempt"],
            begin_at=row["last_begin_at"],
            end_at=row["end_at"],
            node=row["node"],
            process=row["process"],
            end=row["last_end"],
            error=ErrorInfo.from_data(row["error"]),
        )


def _attempt(row: Any) -> AttemptRecord:
    return AttemptRecord(
        number=row["number"],
        begin_at=row["begin_at"],
        end_at=row["end_at"],
        node=row["node"],
        process=row["process"],
        end=row["end"],
        error=ErrorInfo.from_data(row["error"]),
    )
