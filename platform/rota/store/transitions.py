"""The transitions of background jobs out of running, and by cancellation.

With the claims, which lead into running, these are the only functions that write a state.

Each is named for what happened and is conditional on the state it leaves. A running job is only left by the node that
holds its lease: the row must still be running under that node and that attempt number, which only grows and so is the
fencing token. What a zombie writes finds no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, select, text, update

from rota.model.outcome import End
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import keys
from rota.store.bulk import as_instant, as_json, packed, statements
from rota.store.claims import locked
from rota.store.columns import without_nul
from rota.store.connection import Transaction
from rota.store.scheduled_runs import EndedRun, end_runs
from rota.store.tables import CLAIMABLE_STATE, RUNNING_STATE, background_job

job = background_job


class Ending(msgspec.Struct, frozen=True, kw_only=True):
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


_HELD = (
    select(job.c.sequence, job.c.attempt, job.c.records)
    .where(
        job.c.sequence.in_(bindparam("sequences_", expanding=True)),
        job.c.node == bindparam("node_"),
        text(RUNNING_STATE),
    )
    .with_for_update(key_share=True)  # children may refer to a job whose row somebody holds
)


def held(tx: Transaction, node: str, leases: Iterable[tuple[int, int]]) -> dict[int, int | None]:
    """Which of these leases, given as (row, attempt), `node` still holds, with each job's count of records.

    The count is None for a member of a family. Locks the rows.
    """
    attempts = dict(leases)
    rows = tx.execute(_HELD, {"sequences_": list(attempts), "node_": node})
    return {row.sequence: row.records for row in rows if attempts[row.sequence] == row.attempt}


def end_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int | None]:
    """Write the ends of attempts, as far as their leases hold; returns the rows written, with each job's record count.

    A scheduled job whose run is over is looked at again when it would have been without the run, or at once if that was
    before. Whoever started the run has seen to it that this is in time (`rota.model.timing`).
    """
    by_state: dict[State, list[Ending]] = {}
    for ending in endings:
        by_state.setdefault(ending.next.state, []).append(ending)
    written: dict[int, int | None] = {}
    for state, group in by_state.items():
        written |= _WRITERS[state](tx, group)
    accepted = [ending for ending in endings if ending.sequence in written]
    _keep_attempts(tx, [ending for ending in accepted if ending.next.state is State.WAITING])
    _end_scheduled_runs(tx, accepted)
    return written


def complete_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int | None]:
    """Methods returned."""
    return _leave_running(tx, State.COMPLETED, endings)


def fail_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int | None]:
    """Attempts ended abnormally and no restart is left."""
    return _leave_running(tx, State.FAILED, endings)


def cancel_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int | None]:
    """Attempts ended because they were told to, for good."""
    return _leave_running(tx, State.CANCELLED, endings)


def hand_back_attempts(tx: Transaction, endings: Sequence[Ending]) -> dict[int, int | None]:
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
        due_at = coalesce(due_at_, due_at), process = process_, last_end = last_end_, last_begin_at = last_begin_at_
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
        "process_": "integer",
        "last_end_": "text",
        "last_begin_at_": "timestamptz",
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


def _leave_running(tx: Transaction, state: State, endings: Sequence[Ending]) -> dict[int, int | None]:
    """Take jobs out of running whose leases hold; returns their rows and counts of records."""
    finished = state is not State.WAITING
    rows = packed(
        {
            "sequence_": each.sequence,
            "attempt_": each.number,
            "node_": each.node,
            "reason_": without_nul(each.next.reason),
            "error_": as_json(each.next.error.to_data() if each.next.error else None),
            "result_": as_json(each.next.result),
            "end_at_": as_instant(tx, each.end_at if finished else None),
            "restarts_": each.next.restarts,
            "due_at_": as_instant(tx, each.next.due_at),
            "process_": each.process,
            "last_end_": str(each.end) if finished else None,
            "last_begin_at_": as_instant(tx, each.begin_at if finished else None),
        }
        for each in endings
    )
    written: Any = tx.execute(_LEAVE_RUNNING[tx.dialect.name], {"state": str(state), "rows": rows}).all()
    return dict(written)


def _keep_attempts(tx: Transaction, endings: Sequence[Ending]) -> None:
    """Keep attempts that another one follows; the last one of a job is kept in the job's own row."""
    if not endings:
        return
    rows = packed(
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
    tx.execute(_INSERT_ATTEMPTS[tx.dialect.name], {"rows": rows})


def _end_scheduled_runs(tx: Transaction, endings: Sequence[Ending]) -> None:
    over = [
        EndedRun(each.scheduled_job, each.job, each.next.state, each.run_begin, each.end_at)
        for each in endings
        if each.scheduled_job and each.next.state is not State.WAITING
    ]
    end_runs(tx, over)


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
        select(
            job.c.id,
            job.c.state,
            job.c.key,
            job.c.begin_at,
            job.c.scheduled_job,
            job.c.cancel_requested_at,
            job.c.cancel_grace,
        )
        .where(job.c.id == job_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        return None
    state = State(row.state)
    wish = {"cancel_requested_at": now, "cancel_requested_by": by}
    if state is State.RUNNING and row.cancel_requested_at is None:
        tx.execute(update(job).where(job.c.id == job_id).values(cancel_grace=grace, **wish))
    elif state is State.RUNNING and grace is not None and (row.cancel_grace is None or grace < row.cancel_grace):
        # Somebody loses patience; who asked first, and when, stays.
        tx.execute(update(job).where(job.c.id == job_id).values(cancel_grace=grace))
    if state not in {State.QUEUED, State.WAITING}:
        return state
    reason = f"cancelled on request of {by}"
    tx.execute(update(job).where(job.c.id == job_id).values(state=State.CANCELLED, reason=reason, end_at=now, **wish))
    _end_cancelled_runs(tx, [row], now)
    if row.key is not None:
        keys.pass_on(tx)
    return State.CANCELLED


def cancel_overdue(tx: Transaction, now: datetime) -> list[tuple[str, str]]:
    """Cancel the jobs that were not running when their completion time came. Returns their ids and names."""
    overdue = select(job.c.sequence).where(text(CLAIMABLE_STATE), job.c.stop_at.is_not(None), job.c.stop_at <= now)
    rows = tx.execute(
        update(job)
        .where(job.c.sequence == locked(overdue).c.sequence)
        .values(state=State.CANCELLED, reason="its completion time was reached before it could run", end_at=now)
        .returning(job.c.id, job.c.name, job.c.begin_at, job.c.scheduled_job)
    ).all()
    _end_cancelled_runs(tx, rows, now)
    return [(row.id, row.name) for row in rows]


def _end_cancelled_runs(tx: Transaction, rows: Iterable[Any], now: datetime) -> None:
    over = [
        EndedRun(row.scheduled_job, row.id, State.CANCELLED, row.begin_at, now) for row in rows if row.scheduled_job
    ]
    end_runs(tx, over)
