"""The transitions of background jobs: the only functions that write a state.

Each is named for what happened and is conditional on the state it leaves. A running job is only left by the node that
holds its lease: the row must still be running under that node and that attempt number, which only grows and so is the
fencing token. What a zombie writes finds no row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, insert, select, text, update

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


def claim(tx: Transaction, *, node: str, pool: str, limit: int, now: datetime) -> list[Lease]:
    """Lease up to `limit` due jobs of `pool` to `node`: highest priority first, then longest due, then oldest.

    A node that was declared lost gets nothing. Its row is locked, so that it cannot be declared lost in between.
    """
    alive = (
        select(node_table.c.id)
        .where(node_table.c.id == node, node_table.c.ended_at.is_(None))
        .with_for_update(read=True)
        .cte("alive")
    )
    due = (
        select(job.c.sequence)
        .where(text(CLAIMABLE_STATE), job.c.pool == pool, job.c.due_at <= now, exists(select(alive.c.id)))
        .order_by(job.c.rank, job.c.due_at, job.c.sequence)
        .limit(limit)
    )
    claimed = tx.execute(
        update(job)
        .where(job.c.sequence.in_(_locked(due)))
        .values(
            state=State.RUNNING,
            node=node,
            process=None,
            attempt=job.c.attempt + 1,
            begin_at=func.coalesce(job.c.begin_at, bindparam("now", now, type_=job.c.begin_at.type)),
            claimed_at=now,
            reason=None,
            progress_fraction=None,
            progress_text=None,
        )
        .returning(job)
    )
    rows = sorted(claimed.mappings(), key=lambda row: (row["rank"], row["due_at"], row["sequence"]))
    return [_lease(row) for row in rows]


def _locked(wanted: Select[Any]) -> Select[Any]:
    """The rows of `wanted` that nobody else has in hand, locked.

    As a common table expression it is evaluated once. As a plain subquery PostgreSQL may evaluate it again for every
    row it is compared with, and each time it would find, and lock, more rows than its limit.
    """
    locked = wanted.with_for_update(skip_locked=True, of=job).cte("locked")
    return select(locked.c.sequence)


def _lease(row: Any) -> Lease:
    command = row["command"]
    return Lease(
        sequence=row["sequence"],
        attempt=Attempt(
            job=row["id"],
            number=row["attempt"],
            name=row["name"],
            method=row["method"],
            command=tuple(command) if command is not None else None,
            parameters=row["parameters"],
            key=row["key"],
            user=row["user"],
        ),
        configuration=row["configuration"],
        pool=row["pool"],
        retry=RetryPolicy.from_data(row["retry"]),
        restarts=row["restarts"],
        timeout=row["timeout"],
        begin_at=row["begin_at"],
        claimed_at=row["claimed_at"],
        stop_at=row["stop_at"],
        completion_interval=row["completion_interval"],
        scheduled_job=row["scheduled_job"],
    )


# Out of running


def held(tx: Transaction, node: str, leases: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Which of these (sequence, attempt) leases `node` still holds, and each job's count of records.

    Locks the rows.
    """
    wanted = dict(leases)
    rows = tx.execute(
        select(job.c.sequence, job.c.attempt, job.c.records)
        .where(job.c.sequence.in_(list(wanted)), job.c.node == node, text(RUNNING_STATE))
        .with_for_update()
    )
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
        tx.execute(insert(attempt), [_attempt_row(ending) for ending in endings])
        _free_scheduled_jobs(tx, endings)


def _complete(tx: Transaction, endings: Sequence[Ending]) -> None:
    _leave_running(tx, State.COMPLETED, endings, result=lambda e: e.next.result, end_at=lambda e: e.end_at)


def _fail(tx: Transaction, endings: Sequence[Ending]) -> None:
    _leave_running(tx, State.FAILED, endings, end_at=lambda e: e.end_at, **_WHY)


def _cancel(tx: Transaction, endings: Sequence[Ending]) -> None:
    _leave_running(tx, State.CANCELLED, endings, end_at=lambda e: e.end_at, **_WHY)


def _wait(tx: Transaction, endings: Sequence[Ending]) -> None:
    _leave_running(
        tx,
        State.WAITING,
        endings,
        restarts=lambda e: e.next.restarts,
        due_at=lambda e: e.next.due_at,
        **_WHY,
    )


_WHY: dict[str, Callable[[Ending], Any]] = {
    "reason": lambda e: e.next.reason,
    "error": lambda e: e.next.error.to_data() if e.next.error else None,
}

_WRITERS = {
    State.COMPLETED: _complete,
    State.FAILED: _fail,
    State.CANCELLED: _cancel,
    State.WAITING: _wait,
}


def _leave_running(
    tx: Transaction, state: State, endings: Sequence[Ending], **columns: Callable[[Ending], Any]
) -> None:
    statement = (
        update(job)
        .where(
            job.c.sequence == bindparam("row_"),
            job.c.attempt == bindparam("number_"),
            job.c.node == bindparam("node_"),
            text(RUNNING_STATE),
        )
        .values(state=state, **{name: bindparam(f"{name}_") for name in columns})
    )
    tx.execute(
        statement,
        [
            {
                "row_": ending.sequence,
                "number_": ending.number,
                "node_": ending.node,
                **{f"{name}_": value(ending) for name, value in columns.items()},
            }
            for ending in endings
        ],
    )


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
            _freed(),
            [
                {
                    "id_": e.scheduled_job,
                    "job_": e.job,
                    "state_": e.next.state,
                    "begin_": e.run_begin,
                    "end_": e.end_at,
                }
                for e in over
            ],
        )


def _freed() -> Any:
    return (
        update(scheduled_job)
        .where(scheduled_job.c.id == bindparam("id_"), scheduled_job.c.active_job == bindparam("job_"))
        .values(
            active_job=None,
            look_at=bindparam("end_", type_=scheduled_job.c.look_at.type),
            last_job=bindparam("job_"),
            last_state=bindparam("state_"),
            last_begin=bindparam("begin_", type_=scheduled_job.c.last_begin.type),
            last_end=bindparam("end_", type_=scheduled_job.c.last_end.type),
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
    of_scheduled_jobs = [
        {"id_": row.scheduled_job, "job_": row.id, "state_": State.CANCELLED, "begin_": row.begin_at, "end_": now}
        for row in rows
        if row.scheduled_job
    ]
    if of_scheduled_jobs:
        tx.execute(_freed(), of_scheduled_jobs)


def cancels_requested(tx: Transaction, node: str) -> list[tuple[str, int, float | None]]:
    """The running jobs of `node` that somebody wants cancelled: (id, attempt, grace in seconds)."""
    rows = tx.execute(
        select(job.c.id, job.c.attempt, job.c.cancel_grace).where(
            text(RUNNING_STATE), job.c.node == node, job.c.cancel_requested_at.is_not(None)
        )
    )
    return [(row.id, row.attempt, row.cancel_grace) for row in rows]


# What a pass needs to know


def next_due(tx: Transaction, after: datetime | None = None) -> datetime | None:
    """When the first queued or waiting job is, or was, due; with `after`, the first that is due later than that."""
    query = select(func.min(job.c.due_at)).where(text(CLAIMABLE_STATE))
    if after is not None:
        query = query.where(job.c.due_at > after)
    due: datetime | None = tx.execute(query).scalar()
    return due


def next_overdue(tx: Transaction) -> datetime | None:
    """When the next job that has not begun must be cancelled."""
    at: datetime | None = tx.execute(
        select(func.min(job.c.stop_at)).where(text(CLAIMABLE_STATE), job.c.stop_at.is_not(None))
    ).scalar()
    return at


def unfinished(tx: Transaction) -> bool:
    """Whether any job is queued, waiting or running."""
    return bool(
        tx.execute(select(job.c.sequence).where(text(f"({CLAIMABLE_STATE} OR {RUNNING_STATE})")).limit(1)).first()
    )


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

    They are looked at again once they are locked: PostgreSQL, when it locks a row that changed meanwhile, does not ask
    again whether the node that it runs under now is active.
    """
    locked = select(job.c.sequence).where(*_ORPHANED).with_for_update(skip_locked=True)
    sequences = list(tx.execute(locked).scalars())
    query = select(job).where(job.c.sequence.in_(sequences), *_ORPHANED).order_by(job.c.sequence)
    rows = tx.execute(query).mappings()
    return [OrphanedLease(row["node"], _lease(row), row["cancel_requested_at"] is not None) for row in rows]
