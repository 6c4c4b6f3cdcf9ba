"""The transitions of background jobs: the only functions that write a state.

Each is named for what happened and is conditional on the state it leaves. A running job is only left by the node that
holds its lease: the row must still be running under that node and that attempt number, which only grows and so is the
fencing token. What a zombie writes finds no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Update, bindparam, exists, func, insert, select, text, update

from rota.model.attempt import Attempt
from rota.model.background_job import Lease
from rota.model.outcome import End
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.transitions import Next
from rota.store.connection import Transaction
from rota.store.tables import CLAIMABLE_STATE, RUNNING_STATE, attempt, background_job, scheduled_job
from rota.store.tables import node as node_table

job = background_job


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of an attempt together with what it means for its job. `node` is the node that held the lease."""

    sequence: int
    job: str
    number: int
    node: str
    begin_at: datetime | None
    end_at: datetime
    process: int | None
    end: End
    next: Next
    scheduled_job: str | None
    run_begin: datetime | None


# Into running

_DUE = (
    select(job.c.sequence)
    .where(text(CLAIMABLE_STATE), job.c.pool == bindparam("pool_"), job.c.due_at <= bindparam("now_"))
    .order_by(job.c.rank, job.c.due_at, job.c.sequence)
    .limit(bindparam("limit_"))
    .with_for_update(skip_locked=True)
)

_CLAIM = (
    update(job)
    .where(job.c.sequence.in_(_DUE.scalar_subquery()))
    .values(
        state=State.RUNNING,
        node=bindparam("node_"),
        process=None,
        attempt=job.c.attempt + 1,
        begin_at=func.coalesce(job.c.begin_at, bindparam("now_", type_=job.c.begin_at.type)),
        claimed_at=bindparam("now_"),
        reason=None,
        progress_fraction=None,
        progress_text=None,
    )
    .returning(
        job.c.sequence,
        job.c.id,
        job.c.attempt,
        job.c.name,
        job.c.method,
        job.c.command,
        job.c.parameters,
        job.c.key,
        job.c.user,
        job.c.configuration,
        job.c.pool,
        job.c.retry,
        job.c.restarts,
        job.c.timeout,
        job.c.begin_at,
        job.c.claimed_at,
        job.c.stop_at,
        job.c.completion_interval,
        job.c.scheduled_job,
    )
)


def claim(
    tx: Transaction, *, node: str, pool: str, limit: int, now: datetime, paths: Mapping[str, tuple[str, ...]]
) -> list[Lease]:
    """Lease up to `limit` due jobs of `pool` to `node`: highest priority first, then longest due, then oldest.

    `paths` holds the import path of each configuration.
    """
    claimed = tx.execute(_CLAIM, {"node_": node, "pool_": pool, "limit_": limit, "now_": now})
    leases = [_lease(row, paths.get(row.configuration, ())) for row in claimed]
    leases.sort(key=lambda lease: lease.sequence)
    return leases


def _lease(row: Any, path: tuple[str, ...] = ()) -> Lease:
    return Lease(
        sequence=row.sequence,
        attempt=Attempt(
            job=row.id,
            number=row.attempt,
            name=row.name,
            method=row.method,
            command=tuple(row.command) if row.command is not None else None,
            parameters=row.parameters,
            key=row.key,
            user=row.user,
            path=path,
        ),
        configuration=row.configuration,
        pool=row.pool,
        retry=RetryPolicy.from_data(row.retry),
        restarts=row.restarts,
        timeout=row.timeout,
        begin_at=row.begin_at,
        claimed_at=row.claimed_at,
        stop_at=row.stop_at,
        completion_interval=row.completion_interval,
        scheduled_job=row.scheduled_job,
    )


# Out of running


_HELD = (
    select(job.c.sequence, job.c.attempt, job.c.records)
    .where(
        job.c.sequence.in_(bindparam("sequences_", expanding=True)),
        job.c.node == bindparam("node_"),
        text(RUNNING_STATE),
    )
    .with_for_update()
)


def held(tx: Transaction, node: str, leases: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Which of these (sequence, attempt) leases `node` still holds, and each job's count of records.

    Locks the rows.
    """
    wanted = dict(leases)
    rows = tx.execute(_HELD, {"sequences_": list(wanted), "node_": node})
    return {row.sequence: row.records for row in rows if wanted[row.sequence] == row.attempt}


def end_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Write the ends of attempts whose leases were found to be held in this transaction.

    A scheduled job whose run is over is looked at again at once: what is due next depends on when the run ended.
    """
    by_state: dict[State, list[Ending]] = {}
    for ending in endings:
        by_state.setdefault(ending.next.state, []).append(ending)
    for state, group in by_state.items():
        _WRITERS[state](tx, group)
    if endings:
        tx.execute(_INSERT_ATTEMPTS, [_attempt_row(ending) for ending in endings])
        _free_scheduled_jobs(tx, endings)


def _leave_running(state: State, **columns: Any) -> Update:
    """The statement that takes a job whose lease is held out of running."""
    return (
        update(job)
        .where(
            job.c.sequence == bindparam("sequence_"),
            job.c.attempt == bindparam("attempt_"),
            job.c.node == bindparam("node_"),
            text(RUNNING_STATE),
        )
        .values(state=state, **columns)
    )


_END: dict[str, Any] = {"reason": bindparam("reason_"), "error": bindparam("error_"), "end_at": bindparam("end_at_")}

_LEAVE_RUNNING = {
    State.COMPLETED: _leave_running(State.COMPLETED, result=bindparam("result_"), end_at=bindparam("end_at_")),
    State.FAILED: _leave_running(State.FAILED, **_END),
    State.CANCELLED: _leave_running(State.CANCELLED, **_END),
    State.WAITING: _leave_running(
        State.WAITING,
        reason=bindparam("reason_"),
        error=bindparam("error_"),
        restarts=bindparam("restarts_"),
        due_at=bindparam("due_at_"),
    ),
}


def _lease_of(ending: Ending) -> dict[str, Any]:
    return {"sequence_": ending.sequence, "attempt_": ending.number, "node_": ending.node}


def _why(ending: Ending) -> dict[str, Any]:
    error = ending.next.error
    return {"reason_": ending.next.reason, "error_": error.to_data() if error else None}


def complete_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Methods returned."""
    rows = [{**_lease_of(each), "result_": each.next.result, "end_at_": each.end_at} for each in endings]
    tx.execute(_LEAVE_RUNNING[State.COMPLETED], rows)


def fail_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Attempts ended abnormally and no restart is left."""
    rows = [{**_lease_of(each), **_why(each), "end_at_": each.end_at} for each in endings]
    tx.execute(_LEAVE_RUNNING[State.FAILED], rows)


def cancel_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Attempts ended because they were told to, for good."""
    rows = [{**_lease_of(each), **_why(each), "end_at_": each.end_at} for each in endings]
    tx.execute(_LEAVE_RUNNING[State.CANCELLED], rows)


def hand_back_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Attempts ended and their jobs run again when they are due."""
    rows = [
        {**_lease_of(each), **_why(each), "restarts_": each.next.restarts, "due_at_": each.next.due_at}
        for each in endings
    ]
    tx.execute(_LEAVE_RUNNING[State.WAITING], rows)


_WRITERS = {
    State.COMPLETED: complete_attempts,
    State.FAILED: fail_attempts,
    State.CANCELLED: cancel_attempts,
    State.WAITING: hand_back_attempts,
}

_INSERT_ATTEMPTS = insert(attempt)


def _attempt_row(ending: Ending) -> dict[str, Any]:
    error = ending.next.error
    return {
        "job": ending.sequence,
        "number": ending.number,
        "begin_at": ending.begin_at,
        "end_at": ending.end_at,
        "node": ending.node,
        "process": ending.process,
        "end": ending.end,
        "error": error.to_data() if error else None,
    }


def _free_scheduled_jobs(tx: Transaction, endings: Sequence[Ending]) -> None:
    over = [e for e in endings if e.scheduled_job and e.next.state is not State.WAITING]
    if over:
        tx.execute(
            _FREED,
            [{"job_": e.job, "state_": e.next.state, "begin_": e.run_begin, "end_": e.end_at} for e in over],
        )


_FREED = (
    update(scheduled_job)
    .where(scheduled_job.c.active_job == bindparam("job_"))
    .values(
        active_job=None,
        look_at=bindparam("end_"),
        last_job=bindparam("job_"),
        last_state=bindparam("state_"),
        last_begin=bindparam("begin_"),
        last_end=bindparam("end_"),
    )
)


def note_progress(tx: Transaction, newest: Mapping[int, tuple[float | None, str | None]]) -> None:
    """Keep the newest progress of running jobs, by row, whose leases were found to be held in this transaction."""
    if newest:
        tx.execute(
            update(job)
            .where(job.c.sequence == bindparam("row_"))
            .values(progress_fraction=bindparam("fraction_"), progress_text=bindparam("text_")),
            [{"row_": row, "fraction_": fraction, "text_": text_} for row, (fraction, text_) in newest.items()],
        )


# Cancellation


def request_cancel(tx: Transaction, job_id: str, *, by: str, grace: float | None, now: datetime) -> State | None:
    """Cancel a job that is not running; note the wish where one is. Returns the state after it; None: no such job.

    A finished job stays as it is.
    """
    row = tx.execute(
        update(job)
        .where(job.c.id == job_id, text(CLAIMABLE_STATE))
        .values(
            state=State.CANCELLED,
            reason=f"cancelled on request of {by}",
            end_at=now,
            cancel_requested_at=now,
            cancel_requested_by=by,
        )
        .returning(job.c.id, job.c.begin_at)
    ).one_or_none()
    if row is not None:
        _free_after_cancel(tx, [(row.id, row.begin_at)], now)
        return State.CANCELLED
    tx.execute(
        update(job)
        .where(job.c.id == job_id, text(RUNNING_STATE), job.c.cancel_requested_at.is_(None))
        .values(cancel_requested_at=now, cancel_requested_by=by, cancel_grace=grace)
    )
    state = tx.execute(select(job.c.state).where(job.c.id == job_id)).scalar()
    return State(state) if state else None


def cancel_overdue(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """Cancel the jobs that were not running when their completion time came. Returns their ids and names."""
    rows = tx.execute(
        update(job)
        .where(text(CLAIMABLE_STATE), job.c.stop_at.is_not(None), job.c.stop_at <= now)
        .values(state=State.CANCELLED, reason="its completion time was reached before it could run", end_at=now)
        .returning(job.c.id, job.c.name, job.c.begin_at)
    ).all()
    _free_after_cancel(tx, [(row.id, row.begin_at) for row in rows], now)
    return [(row.id, row.name) for row in rows]


def _free_after_cancel(tx: Transaction, jobs: Sequence[tuple[str, datetime | None]], now: datetime) -> None:
    if jobs:
        tx.execute(
            _FREED,
            [{"job_": i, "state_": State.CANCELLED, "begin_": begin, "end_": now} for i, begin in jobs],
        )


def cancels_requested(tx: Transaction, node: str) -> list[tuple[str, int, float | None]]:
    """The running jobs of `node` that somebody wants cancelled: (id, attempt, grace in seconds)."""
    rows = tx.execute(
        select(job.c.id, job.c.attempt, job.c.cancel_grace).where(
            text(RUNNING_STATE), job.c.node == node, job.c.cancel_requested_at.is_not(None)
        )
    )
    return [(row.id, row.attempt, row.cancel_grace) for row in rows]


# What a pass needs to know


_NEXT_DUE = select(func.min(job.c.due_at)).where(text(CLAIMABLE_STATE))
_NEXT_DUE_AFTER = _NEXT_DUE.where(job.c.due_at > bindparam("after_"))
_NEXT_OVERDUE = select(func.min(job.c.stop_at)).where(text(CLAIMABLE_STATE), job.c.stop_at.is_not(None))


def next_due(tx: Transaction, after: datetime | None = None) -> datetime | None:
    """When the first queued or waiting job is, or was, due; with `after`, the first that is due later than that."""
    found = tx.execute(_NEXT_DUE) if after is None else tx.execute(_NEXT_DUE_AFTER, {"after_": after})
    due: datetime | None = found.scalar()
    return due


def next_overdue(tx: Transaction) -> datetime | None:
    """When the next job that has not begun must be cancelled."""
    at: datetime | None = tx.execute(_NEXT_OVERDUE).scalar()
    return at


def unfinished(tx: Transaction) -> bool:
    """Whether any job is queued, waiting or running."""
    # Two questions, each of which a partial index answers; asked as one, they would read the whole table.
    return next_due(tx) is not None or tx.execute(_RUNS).first() is not None


_RUNS = select(job.c.sequence).where(text(RUNNING_STATE)).limit(1)


@dataclass(frozen=True, slots=True)
class OrphanedLease:
    """A running job whose node is no longer active. `cancel_requested`: somebody wanted it cancelled."""

    node: str
    lease: Lease
    cancel_requested: bool


_ORPHANED = (
    text(RUNNING_STATE),
    ~exists().where(node_table.c.id == job.c.node, node_table.c.ended_at.is_(None)),
)


def has_orphans(tx: Transaction) -> bool:
    """Whether any job runs under a node that is no longer active."""
    return tx.execute(select(job.c.sequence).where(*_ORPHANED).limit(1)).first() is not None


def orphans(tx: Transaction) -> list[OrphanedLease]:
    """The running jobs whose nodes are no longer active, locked; what another rescuer has in hand is left out."""
    rows = tx.execute(select(job).where(*_ORPHANED).order_by(job.c.sequence).with_for_update(skip_locked=True))
    return [OrphanedLease(row.node, _lease(row), row.cancel_requested_at is not None) for row in rows]
