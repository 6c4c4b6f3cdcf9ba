"""The transitions of background jobs: the only functions that write a state.

Each is named for what happened and is conditional on the state it leaves. A running job is only left by the node that
holds its lease: the row must still be running under that node and that attempt number, which only grows and so is the
fencing token. What a zombie writes finds no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select, text, update

from rota.model.attempt import Attempt
from rota.model.background_job import Lease
from rota.model.outcome import End
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.transitions import Next
from rota.store.bulk import as_instant, as_json, as_text, packed, statements
from rota.store.connection import Transaction
from rota.store.tables import CLAIMABLE_STATE, NEXT_DUE_STATE, RUNNING_STATE, background_job, scheduled_job
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


def _locked(wanted: Select[Any]) -> Select[Any]:
    """The rows of `wanted` that nobody else has in hand, locked.

    As a common table expression it is evaluated once. As a plain subquery PostgreSQL may evaluate it again for every
    row it is compared with, and each time it would find, and lock, more rows than its limit.
    """
    locked = wanted.with_for_update(skip_locked=True, of=job).cte("locked")
    return select(locked.c.sequence)


_ALIVE = (
    select(node_table.c.id)
    .where(node_table.c.id == bindparam("node_"), node_table.c.ended_at.is_(None))
    .with_for_update(read=True)
    .cte("alive")
)

_DUE = (
    select(job.c.sequence)
    .where(
        text(CLAIMABLE_STATE),
        job.c.pool == bindparam("pool_"),
        job.c.due_at <= bindparam("now_"),
        exists(select(_ALIVE.c.id)),
    )
    .order_by(job.c.rank, job.c.due_at, job.c.sequence)
    .limit(bindparam("limit_"))
)

_CLAIM = (
    update(job)
    .where(job.c.sequence.in_(_locked(_DUE)))
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
        job.c.rank,
        job.c.due_at,
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

    `paths` holds the import path of each configuration. A node that was declared lost gets nothing; its row is locked,
    so that it cannot be declared lost in between.
    """
    claimed = tx.execute(_CLAIM, {"node_": node, "pool_": pool, "limit_": limit, "now_": now})
    rows = sorted(claimed, key=lambda row: (row.rank, row.due_at, row.sequence))
    return [_lease(row, paths.get(row.configuration, ())) for row in rows]


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


def held(tx: Transaction, node: str, leases: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Which of these leases, given as (row, attempt), `node` still holds, with each job's count of records.

    Locks the rows.
    """
    attempts = dict(leases)
    rows = tx.execute(_HELD, {"sequences_": list(attempts), "node_": node})
    return {row.sequence: row.records for row in rows if attempts[row.sequence] == row.attempt}


def end_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int]:
    """Write the ends of attempts, as far as their leases hold; returns the rows written, with each job's record count.

    A scheduled job whose run is over is looked at again at once: what is due next depends on when the run ended.
    """
    by_state: dict[State, list[Ending]] = {}
    for ending in endings:
        by_state.setdefault(ending.next.state, []).append(ending)
    written: dict[int, int] = {}
    for state, group in by_state.items():
        written |= _WRITERS[state](tx, group)
    accepted = [ending for ending in endings if ending.sequence in written]
    if accepted:
        tx.execute(_INSERT_ATTEMPTS[tx.dialect.name], {"rows": _attempt_rows(tx, accepted)})
        _free_scheduled_jobs(tx, accepted)
    return written


def complete_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int]:
    """Methods returned."""
    return _leave_running(tx, State.COMPLETED, endings)


def fail_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int]:
    """Attempts ended abnormally and no restart is left."""
    return _leave_running(tx, State.FAILED, endings)


def cancel_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int]:
    """Attempts ended because they were told to, for good."""
    return _leave_running(tx, State.CANCELLED, endings)


def hand_back_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int]:
    """Attempts ended and their jobs run again when they are due."""
    return _leave_running(tx, State.WAITING, endings)


_WRITERS = {
    State.COMPLETED: complete_attempts,
    State.FAILED: fail_attempts,
    State.CANCELLED: cancel_attempts,
    State.WAITING: hand_back_attempts,
}

_LEAVE_RUNNING = statements(
    """
    UPDATE rota_background_job
    SET state = :state, reason = reason_, error = error_, result = result_, end_at = end_at_, restarts = restarts_,
        due_at = coalesce(due_at_, due_at)
    FROM {rows}
    WHERE sequence = sequence_ AND attempt = attempt_ AND node = node_ AND state = 'running'
    RETURNING sequence, records
    """,
    {
        "sequence_": "bigint",
        "attempt_": "integer",
        "node_": "text",
        "reason_": "text",
        "error_": "json",
        "result_": "json",
        "end_at_": "timestamptz",
        "restarts_": "integer",
        "due_at_": "timestamptz",
    },
)

_INSERT_ATTEMPTS = statements(
    """
    INSERT INTO rota_attempt (job, number, begin_at, end_at, node, process, "end", error)
    SELECT job_, number_, begin_at_, end_at_, node_, process_, end_, error_ FROM {rows}
    """,
    {
        "job_": "bigint",
        "number_": "integer",
        "begin_at_": "timestamptz",
        "end_at_": "timestamptz",
        "node_": "text",
        "process_": "integer",
        "end_": "text",
        "error_": "json",
    },
)


def _leave_running(tx: Transaction, state: State, endings: Sequence[Ending]) -> dict[int, int]:
    """Take jobs out of running whose leases hold; returns their rows and counts of records."""
    finished = state is not State.WAITING
    rows = packed(
        {
            "sequence_": each.sequence,
            "attempt_": each.number,
            "node_": each.node,
            "reason_": as_text(each.next.reason),
            "error_": as_json(each.next.error.to_data() if each.next.error else None),
            "result_": as_json(each.next.result),
            "end_at_": as_instant(tx, each.end_at if finished else None),
            "restarts_": each.next.restarts,
            "due_at_": as_instant(tx, each.next.due_at),
        }
        for each in endings
    )
    written = tx.execute(_LEAVE_RUNNING[tx.dialect.name], {"state": str(state), "rows": rows})
    return {row.sequence: row.records for row in written}


def _attempt_rows(tx: Transaction, endings: Sequence[Ending]) -> str:
    return packed(
        {
            "job_": each.sequence,
            "number_": each.number,
            "begin_at_": as_instant(tx, each.begin_at),
            "end_at_": as_instant(tx, each.end_at),
            "node_": each.node,
            "process_": each.process,
            "end_": str(each.end),
            "error_": as_json(each.next.error.to_data() if each.next.error else None),
        }
        for each in endings
    )


def _free_scheduled_jobs(tx: Transaction, endings: Sequence[Ending]) -> None:
    over = [
        {
            "id_": each.scheduled_job,
            "job_": each.job,
            "state_": each.next.state,
            "begin_": each.run_begin,
            "end_": each.end_at,
        }
        for each in endings
        if each.scheduled_job and each.next.state is not State.WAITING
    ]
    _free(tx, over)


def _free(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Note that runs of scheduled jobs are over, in the order of ids as everybody does who locks several."""
    if rows:
        tx.execute(_FREED, sorted(rows, key=lambda row: str(row["id_"])))


_FREED = (
    update(scheduled_job)
    .where(scheduled_job.c.id == bindparam("id_"), scheduled_job.c.active_job == bindparam("job_"))
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

    A finished job stays as it is. The row is locked first: a run that ends in this moment has either ended or not.
    """
    row = tx.execute(
        select(job.c.id, job.c.state, job.c.begin_at, job.c.scheduled_job, job.c.cancel_requested_at)
        .where(job.c.id == job_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        return None
    state = State(row.state)
    wish = {"cancel_requested_at": now, "cancel_requested_by": by}
    if state is State.RUNNING and row.cancel_requested_at is None:
        tx.execute(update(job).where(job.c.id == job_id).values(cancel_grace=grace, **wish))
    if state not in {State.QUEUED, State.WAITING}:
        return state
    reason = f"cancelled on request of {by}"
    tx.execute(update(job).where(job.c.id == job_id).values(state=State.CANCELLED, reason=reason, end_at=now, **wish))
    _free_after_cancel(tx, [row], now)
    return State.CANCELLED


def cancel_overdue(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """Cancel the jobs that were not running when their completion time came. Returns their ids and names."""
    overdue = select(job.c.sequence).where(text(CLAIMABLE_STATE), job.c.stop_at.is_not(None), job.c.stop_at <= now)
    rows = tx.execute(
        update(job)
        .where(job.c.sequence.in_(_locked(overdue)))
        .values(state=State.CANCELLED, reason="its completion time was reached before it could run", end_at=now)
        .returning(job.c.id, job.c.name, job.c.begin_at, job.c.scheduled_job)
    ).all()
    _free_after_cancel(tx, rows, now)
    return [(row.id, row.name) for row in rows]


def _free_after_cancel(tx: Transaction, rows: Iterable[Any], now: datetime) -> None:
    over = [
        {"id_": row.scheduled_job, "job_": row.id, "state_": State.CANCELLED, "begin_": row.begin_at, "end_": now}
        for row in rows
        if row.scheduled_job
    ]
    _free(tx, over)


def cancels_requested(tx: Transaction, node: str) -> list[tuple[str, int, float | None]]:
    """The running jobs of `node` that somebody wants cancelled: (id, attempt, grace in seconds)."""
    rows = tx.execute(
        select(job.c.id, job.c.attempt, job.c.cancel_grace).where(
            text(RUNNING_STATE), job.c.node == node, job.c.cancel_requested_at.is_not(None)
        )
    )
    return [(row.id, row.attempt, row.cancel_grace) for row in rows]


# What a pass needs to know


_NEXT_DUE = select(func.min(job.c.due_at)).where(text(NEXT_DUE_STATE))
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
    """The running jobs whose nodes are no longer active, locked; what another rescuer has in hand is left out.

    Their nodes are looked at again once they are locked: PostgreSQL, when it locks a row that changed meanwhile, does
    not ask again whether the node that it runs under now is active.
    """
    rows = tx.execute(select(job).where(*_ORPHANED).order_by(job.c.sequence).with_for_update(skip_locked=True)).all()
    active = set(tx.execute(select(node_table.c.id).where(node_table.c.ended_at.is_(None))).scalars())
    return [
        OrphanedLease(row.node, _lease(row), row.cancel_requested_at is not None)
        for row in rows
        if row.node not in active
    ]
