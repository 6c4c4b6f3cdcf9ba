"""Children: jobs that belong to another one, and maps, whose only work is to spread items over children.

A map is running from its start on, under no node's lease: nothing carries it out, and nothing can be lost of it. The
transaction in which a child ends lets the next one begin, and the last one ends the map.

Locks are taken from parents to children; a child that somebody has in hand is left for the next look, so that nobody
waits in a circle with a node that ends both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

from rota.model.attempt import AttemptId
from rota.model.errors import WrongState
from rota.model.outcome import ErrorInfo
from rota.model.record import Stream
from rota.model.states import ACTIVE, FINISHED, State
from rota.store import keys
from rota.store.bulk import as_instant, packed, statements
from rota.store.connection import Transaction
from rota.store.records import NewRecord
from rota.store.slices import slices
from rota.store.tables import UNWANTED_PARENT, background_job, family

job = background_job

HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""When a child of a map is due that has to wait for others to end."""

_NAMED_FAILURES = 3
"""How many failed children the error of a map names."""


# Becoming a child


def adopt(tx: Transaction, parent: AttemptId, ids: Sequence[str]) -> None:
    """Make jobs that were inserted in this transaction children of a running attempt.

    Raises `WrongState` where that attempt is over or was told to stop: its children would be nobody's.
    """
    row = tx.execute(
        select(job.c.sequence, job.c.root, job.c.state, job.c.attempt, job.c.cancel_requested_at)
        .where(job.c.id == parent.job)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None or row.state != State.RUNNING or row.attempt != parent.number:
        raise WrongState(f"attempt {parent} is over and starts no more jobs")
    if row.cancel_requested_at is not None:
        raise WrongState(f"job {parent.job} was told to stop and starts no more jobs")
    if row.root is None:
        _found_family(tx, row.sequence)
    _adopt(tx, parent.job, row.root or row.sequence, [(each, None) for each in ids])


def begin_map(tx: Transaction, map_id: str, ids: Sequence[str], parallel: int, now: datetime) -> None:
    """Make a job that was inserted in this transaction a map over these others, `parallel` of them at once.

    A map over nothing has ended.
    """
    begun = tx.execute(
        update(job)
        .where(job.c.id == map_id)
        .values(state=State.RUNNING, begin_at=now, parallel=parallel, unfinished=len(ids))
        .returning(job.c.sequence)
    )
    sequence = begun.scalar_one()
    _found_family(tx, sequence)
    _adopt(tx, map_id, sequence, [(each, None if n < parallel else HELD) for n, each in enumerate(ids)])
    if not ids:
        _end_map(tx, sequence, map_id, now)


def _found_family(tx: Transaction, root: int) -> None:
    """From now on the records of this job and its children are counted together."""
    count = tx.execute(select(job.c.records).where(job.c.sequence == root)).scalar()
    if count is not None:
        tx.execute(insert(family).values(root=root, records=count))
        tx.execute(update(job).where(job.c.sequence == root).values(records=None))


def _adopt(tx: Transaction, parent: str, root: int, children: Sequence[tuple[str, datetime | None]]) -> None:
    rows = packed({"id_": child, "due_at_": as_instant(tx, due_at)} for child, due_at in children)
    tx.execute(_ADOPT[tx.dialect.name], {"parent": parent, "root": root, "rows": rows})


_ADOPT = statements(
    """
    UPDATE rota_background_job
    SET parent = :parent, root = :root, records = NULL, due_at = coalesce(due_at_, due_at)
    FROM {rows}
    WHERE id = id_
    """,
    {"id_": "text", "due_at_": "timestamptz"},
)


# The ends of children


@dataclass(frozen=True, slots=True)
class EndedMap:
    """A map whose last child has ended."""

    sequence: int
    job: str
    name: str
    has_key: bool
    state: State
    error: ErrorInfo | None
    begin_at: datetime
    end_at: datetime


def note_ends(tx: Transaction, sequences: Sequence[int], now: datetime) -> list[EndedMap]:
    """Some of these jobs have ended in this transaction: let the next children of their maps begin, or end the maps."""
    over = select(job.c.parent, func.count().label("count")).where(
        job.c.sequence.in_(sequences), job.c.parent.is_not(None), job.c.state.in_(FINISHED)
    )
    ended = []
    for parent, count in tx.execute(over.group_by(job.c.parent).order_by(job.c.parent)).all():
        left = tx.execute(_FEWER, {"id_": parent, "count_": count}).one_or_none()
        if left is None:
            continue  # a method that started children looks after them itself
        if left.unfinished == 0:
            ended.append(_end_map(tx, left.sequence, parent, now))
        else:
            tx.execute(_release(parent, count, now))
    if any(each.has_key for each in ended):
        keys.pass_on(tx)
    return ended


_FEWER = (
    update(job)
    .where(job.c.id == bindparam("id_"), job.c.unfinished.is_not(None))
    .values(unfinished=job.c.unfinished - bindparam("count_", type_=job.c.unfinished.type))
    .returning(job.c.sequence, job.c.unfinished)
)


def _release(parent: str, count: int, now: datetime) -> Any:
    """Let the next children begin, in the order of the items."""
    held = (
        select(job.c.sequence)
        .where(job.c.parent == parent, job.c.state == State.QUEUED, job.c.due_at == HELD)
        .order_by(job.c.sequence)
        .limit(count)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("held")
    )
    return update(job).where(job.c.sequence.in_(select(held.c.sequence))).values(due_at=now)


def _end_map(tx: Transaction, sequence: int, map_id: str, now: datetime) -> EndedMap:
    """One failed child makes the map failed; else one that was cancelled makes it cancelled."""
    ends = counts(tx, [map_id]).get(map_id, {})
    error = _failure(tx, map_id, ends) if ends.get(State.FAILED) else None
    state = State.FAILED if error else State.CANCELLED if ends.get(State.CANCELLED) else State.COMPLETED
    reason = str(error) if error else "children of it were cancelled" if state is State.CANCELLED else None
    row = tx.execute(
        update(job)
        .where(job.c.sequence == sequence)
        .values(state=state, end_at=now, reason=reason, error=error.to_data() if error else None)
        .returning(job.c.name, job.c.key, job.c.begin_at)
    ).one()
    return EndedMap(sequence, map_id, row.name, row.key is not None, state, error, row.begin_at, now)


def _failure(tx: Transaction, map_id: str, ends: Mapping[str, int]) -> ErrorInfo:
    failed = select(job.c.id, job.c.name, job.c.reason).where(job.c.parent == map_id, job.c.state == State.FAILED)
    first = tx.execute(failed.order_by(job.c.sequence).limit(_NAMED_FAILURES)).all()
    named = "; ".join(f"{row.name} ({row.id}): {row.reason}" for row in first)
    more = " ..." if ends[State.FAILED] > len(first) else ""
    count, total = ends[State.FAILED], sum(ends.values())
    return ErrorInfo(type="ChildrenFailed", message=f"{count} of {total} children failed: {named}{more}")


def errors_of(ended: Sequence[EndedMap]) -> tuple[list[NewRecord], dict[int, int | None]]:
    """The records of failure of maps that failed, and their counts of records: none, as in every family."""
    new = [
        NewRecord(sequence=each.sequence, attempt=0, stream=Stream.ERROR, at=each.end_at, data=each.error.to_data())
        for each in ended
        if each.error is not None
    ]
    return new, {each.sequence: None for each in new}


# Cancelling


def cancel_children(tx: Transaction, parent: str, *, grace: float | None, now: datetime) -> list[int]:
    """Cancel the active descendants of a job that was cancelled, generation by generation; returns their rows.

    The running ones are asked to stop. A row that somebody has in hand is left for `cancel_unwanted`.
    """
    cancelled: list[int] = []
    generation = [parent]
    while generation:
        rows = tx.execute(_ACTIVE_CHILDREN, {"parents_": generation}).all()
        _cancel(tx, rows, grace=grace, now=now)
        cancelled += [row.sequence for row in rows]
        generation = [row.id for row in rows]
    return cancelled


def cancel_unwanted(tx: Transaction, *, now: datetime) -> list[int]:
    """Cancel the active children of all cancelled jobs: what was in somebody's hand, or came too late, before."""
    rows = tx.execute(_UNWANTED).all()
    _cancel(tx, rows, grace=None, now=now)
    return [row.sequence for row in rows]


def has_unwanted(tx: Transaction) -> bool:
    """Whether `cancel_unwanted` has anything to do, at the cost of a read."""
    if tx.execute(_UNWANTED_PARENTS).first() is None:
        return False
    return tx.execute(_UNWANTED_THERE).first() is not None


_ACTIVE_STATES = text(f"child.state IN ({', '.join(repr(str(state)) for state in ACTIVE)})")
_child = job.alias("child")
_parent = job.alias("parent")

_ACTIVE_CHILDREN = (
    select(_child.c.sequence, _child.c.id, _child.c.state, _child.c.parent, _child.c.cancel_requested_at)
    .where(_child.c.parent.in_(bindparam("parents_", expanding=True)), _ACTIVE_STATES)
    .order_by(_child.c.sequence)
    .with_for_update(skip_locked=True, key_share=True)
)

_UNWANTED_PARENTS = select(job.c.sequence).where(text(UNWANTED_PARENT.replace("{0}.", ""))).limit(1)

_UNWANTED_THERE = (
    select(_child.c.sequence, _child.c.id, _child.c.state, _child.c.parent, _child.c.cancel_requested_at)
    .select_from(_parent.join(_child, _child.c.parent == _parent.c.id))
    .where(text(UNWANTED_PARENT.format("parent")), _ACTIVE_STATES, _child.c.cancel_requested_at.is_(None))
    .order_by(_child.c.sequence)
)
_UNWANTED = _UNWANTED_THERE.with_for_update(skip_locked=True, key_share=True, of=_child)


def _cancel(tx: Transaction, rows: Sequence[Any], *, grace: float | None, now: datetime) -> None:
    running = [row for row in rows if row.state == State.RUNNING and row.cancel_requested_at is None]
    others = [row for row in rows if row.state != State.RUNNING]
    if running:
        tx.execute(_ASK, [{"row_": row.sequence, "now_": now, "by_": row.parent, "grace_": grace} for row in running])
    if others:
        tx.execute(_CANCEL, [{"row_": row.sequence, "now_": now, "by_": row.parent} for row in others])


_ASK = (
    update(job)
    .where(job.c.sequence == bindparam("row_"))
    .values(
        cancel_requested_at=bindparam("now_"), cancel_requested_by=bindparam("by_"), cancel_grace=bindparam("grace_")
    )
)
_CANCEL = (
    update(job)
    .where(job.c.sequence == bindparam("row_"))
    .values(
        state=State.CANCELLED,
        reason="its parent was cancelled",
        end_at=bindparam("now_"),
        cancel_requested_at=bindparam("now_"),
        cancel_requested_by=bindparam("by_"),
    )
)


# Looking


def states(tx: Transaction, parent: str, ids: Sequence[str]) -> dict[str, State]:
    """The state of each of these jobs that is a child of `parent`."""
    rows = tx.execute(select(job.c.id, job.c.state).where(job.c.parent == parent))
    wanted = set(ids)
    return {row.id: State(row.state) for row in rows if row.id in wanted}


def counts(tx: Transaction, parents: Sequence[str]) -> dict[str, dict[str, int]]:
    """How many children each of these jobs has in each state; jobs without children are left out."""
    found: dict[str, dict[str, int]] = {}
    for some in slices(parents):
        rows = tx.execute(
            select(job.c.parent, job.c.state, func.count())
            .where(job.c.parent.in_(some))
            .group_by(job.c.parent, job.c.state)
        )
        for parent, state, count in rows:
            found.setdefault(parent, {})[state] = count
    return found
