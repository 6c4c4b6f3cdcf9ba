"""Background jobs: how they are read and found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, func, select, text

from rota.model.background_job import AttemptRecord, BackgroundJob, Progress
from rota.model.command import Command
from rota.model.errors import JobNotFound, UsageError
from rota.model.outcome import ErrorInfo
from rota.model.states import State
from rota.store.columns import like
from rota.store.connection import Transaction
from rota.store.cursors import is_unread
from rota.store.slices import slices
from rota.store.tables import CLAIMABLE_STATE, attempt, background_job, node

job = background_job


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
    found: dict[str, State] = {}
    for some in slices(ids):
        rows = tx.execute(select(job.c.id, job.c.state).where(job.c.id.in_(some), *_of(user)))
        found |= {row.id: State(row.state) for row in rows}
    return found


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


class Filter(msgspec.Struct, frozen=True, kw_only=True):
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


def waiting_by_queue(tx: Transaction) -> dict[str, int]:
    """How many jobs are queued, or wait for a restart, in each queue that has any."""
    return {str(queue): count for queue, count in tx.execute(_WAITING)}


_WAITING = select(job.c.queue, func.count()).where(text(CLAIMABLE_STATE)).group_by(job.c.queue)


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
        executor=row["queue"].rpartition("/")[2],
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
