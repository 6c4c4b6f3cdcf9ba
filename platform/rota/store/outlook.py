"""What a pass needs to know of the background jobs before it acts: what is due, overdue, unwanted, or orphaned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, select, text

from rota.model.background_job import Lease
from rota.model.values import Json
from rota.store.claims import LEASED, lease_of
from rota.store.connection import Transaction
from rota.store.keys import CAN_PASS_ON
from rota.store.tables import CLAIMABLE_STATE, NEXT_DUE_STATE, RUNNING_ON_NODE_STATE, RUNNING_STATE, background_job
from rota.store.tables import node as node_table

job = background_job

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


@dataclass(frozen=True, slots=True)
class Ahead:
    """What there is to be done, now or later. `due` and `key_free`: now; `overdue` may be past, `due_later` is not."""

    due: bool
    due_later: datetime | None
    overdue: datetime | None
    key_free: bool


_AHEAD = select(
    _NEXT_DUE.scalar_subquery().label("due"),
    _NEXT_DUE_AFTER.scalar_subquery().label("due_later"),
    _NEXT_OVERDUE.scalar_subquery().label("overdue"),
    CAN_PASS_ON.label("key_free"),
)


def ahead(tx: Transaction, now: datetime) -> Ahead:
    """All that a dispatcher asks before a pass, in one statement. `key_free`: somebody may have a key that is free."""
    due, due_later, overdue, key_free = tx.execute(_AHEAD, {"after_": now}).one()
    return Ahead(due is not None and due <= now, due_later, overdue, key_free)


def unfinished(tx: Transaction) -> bool:
    """Whether any job is queued, waiting or running."""
    # Two questions, each of which a partial index answers; asked as one, they would read the whole table.
    return next_due(tx) is not None or tx.execute(_RUNS).first() is not None


_RUNS = select(job.c.sequence).where(text(RUNNING_ON_NODE_STATE)).limit(1)


def running(tx: Transaction) -> list[str]:
    """The ids of the jobs that run, or that a dead node has left behind."""
    return list(tx.execute(_RUNNING).scalars())


# The order of their index: asked for the order of their rows alone, SQLite reads all rows there are.
_RUNNING = select(job.c.id).where(text(RUNNING_ON_NODE_STATE)).order_by(job.c.node, job.c.sequence)


def runs_on(tx: Transaction, node: str) -> bool:
    """Whether any job is running on this node."""
    return tx.execute(_RUNS.where(job.c.node == node)).first() is not None


_LEASES = select(*LEASED).where(text(RUNNING_ON_NODE_STATE), job.c.node == bindparam("node_")).order_by(job.c.sequence)


def leases_of(tx: Transaction, node: str, paths: Mapping[str, tuple[str, ...]]) -> list[Lease]:
    """All that runs on this node, by the database; `paths` holds the import path of each configuration."""
    return [lease_of(row, paths) for row in tx.execute(_LEASES, {"node_": node})]


@dataclass(frozen=True, slots=True)
class OrphanedLease:
    """A running job whose node is no longer active. `cancel_requested`: somebody wanted it cancelled.

    `returned`: its method has returned `result` all the same, and committed its transaction.
    """

    node: str
    lease: Lease
    cancel_requested: bool
    returned: bool = False
    result: Json = None


_ORPHANED = (
    text(RUNNING_ON_NODE_STATE),
    job.c.node.is_not(None),  # a map runs on none
    ~exists().where(node_table.c.id == job.c.node, node_table.c.ended_at.is_(None)),
)


def has_orphans(tx: Transaction) -> bool:
    """Whether any job runs under a node that is no longer active."""
    return tx.execute(select(job.c.sequence).where(*_ORPHANED).limit(1)).first() is not None


_ORPHANS = (
    select(*LEASED, job.c.node, job.c.cancel_requested_at, job.c.committed, job.c.result)
    .where(*_ORPHANED)
    .order_by(job.c.node, job.c.sequence)
    .with_for_update(skip_locked=True, key_share=True)
)


def orphans(tx: Transaction) -> list[OrphanedLease]:
    """The running jobs whose nodes are no longer active, locked; what another rescuer has in hand is left out.

    Their nodes are looked at again once they are locked: PostgreSQL, when it locks a row that changed meanwhile, does
    not ask again whether the node that it runs under now is active.
    """
    rows = tx.execute(_ORPHANS).all()
    active = set(tx.execute(select(node_table.c.id).where(node_table.c.ended_at.is_(None))).scalars())
    return [
        OrphanedLease(
            row.node, lease_of(row), row.cancel_requested_at is not None, row.committed == row.attempt, row.result
        )
        for row in rows
        if row.node not in active
    ]


def cancels_requested(tx: Transaction, node: str) -> list[tuple[str, int, float | None]]:
    """The running jobs of `node` that somebody wants cancelled: (id, attempt, grace in seconds)."""
    rows = tx.execute(
        select(job.c.id, job.c.attempt, job.c.cancel_grace).where(
            text(RUNNING_ON_NODE_STATE), job.c.node == node, job.c.cancel_requested_at.is_not(None)
        )
    )
    return [(row.id, row.attempt, row.cancel_grace) for row in rows]


def returned(tx: Transaction, sequences: Iterable[int]) -> dict[int, Json]:
    """The results of those of these jobs, by row, whose methods have returned and committed their transactions."""
    rows = tx.execute(
        select(job.c.sequence, job.c.result).where(
            job.c.sequence.in_(list(sequences)), text(RUNNING_STATE), job.c.committed == job.c.attempt
        )
    )
    return {row.sequence: row.result for row in rows}
