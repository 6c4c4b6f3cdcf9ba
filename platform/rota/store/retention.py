"""Retention: which finished background jobs go, and which records go before their job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, insert, or_, select, text, tuple_

from rota.model.errors import JobNotFound, WrongState
from rota.model.record import Stream
from rota.model.states import ACTIVE, FINISHED
from rota.store.connection import Transaction
from rota.store.tables import REMOVABLE_STATE, background_job, family, record

job = background_job

GAP = str(Stream.EVENT)
"""The stream of the records that stay, and of the one that says what is gone."""


def remove_finished(
    tx: Transaction, configuration: str | None, *, before: datetime, keep: int, limit: int = 1_000
) -> int:
    """Delete up to `limit` finished jobs of a configuration: ended before `before`, or not among the newest `keep`.

    Returns how many were deleted; their attempts, records and children go with them. A job with children that may still
    run stays, and so do children, which the method that started them may ask about.
    """
    of_it = (text(REMOVABLE_STATE), job.c.configuration == configuration)
    if configuration is None:
        of_it = (text(REMOVABLE_STATE), job.c.configuration.is_(None))
    newest_too_many = (
        select(job.c.end_at, job.c.sequence)
        .where(*of_it)
        .order_by(job.c.end_at.desc(), job.c.sequence.desc())
        .offset(keep)
        .limit(1)
    )
    edge = tx.execute(newest_too_many).one_or_none()
    gone = job.c.end_at < before
    if edge is not None:
        gone = or_(gone, tuple_(job.c.end_at, job.c.sequence) <= tuple_(edge.end_at, edge.sequence))
    child = job.alias("child")
    family_runs = exists().where(child.c.root == job.c.sequence, child.c.state.in_(ACTIVE))
    old = select(job.c.sequence).where(*of_it, gone, ~family_runs).order_by(job.c.end_at).limit(limit)
    free = old.with_for_update(skip_locked=True).cte("free")  # two nodes may remove at once
    gone_now = delete(job).where(job.c.sequence.in_(select(free.c.sequence))).returning(job.c.sequence)
    return len(tx.execute(gone_now).all())


def remove_records_of_children(
    tx: Transaction, configuration: str | None, *, before: datetime, now: datetime, limit: int = 100
) -> int:
    """Delete the records of up to `limit` children that ended before `before` while their family goes on.

    A job that runs for months and starts children all the time would fill the database otherwise. One record takes the
    place of those of a child, and says how many are gone. Returns how many children lost theirs.
    """
    if tx.execute(select(family.c.root).limit(1)).first() is None:
        return 0
    root, child = job.alias("root"), job.alias("child")
    kept = exists().where(record.c.root == root.c.sequence, record.c.job == child.c.sequence, record.c.stream != GAP)
    of_it = root.c.configuration == configuration if configuration is not None else root.c.configuration.is_(None)
    old = (
        select(root.c.sequence.label("root"), child.c.sequence)
        .select_from(family)
        .join(root, root.c.sequence == family.c.root)
        .join(child, child.c.root == root.c.sequence)
        .where(of_it, root.c.state.in_(ACTIVE), child.c.state.in_(FINISHED), child.c.end_at < before, kept)
        .limit(limit)
    )
    rows = tx.execute(old).all()
    for row in rows:
        _leave_gap(tx, row.root, row.sequence, now)
    return len(rows)


def _leave_gap(tx: Transaction, root: int, child: int, now: datetime) -> None:
    gone = tx.execute(
        delete(record)
        .where(record.c.root == root, record.c.job == child, record.c.stream != GAP)
        .returning(record.c.number, record.c.attempt)
    ).all()
    if not gone:
        return
    last = max(gone)
    data = {"event": "gap", "lost": len(gone), "reason": "retention"}
    tx.execute(
        insert(record).values(
            root=root, number=last.number, job=child, attempt=last.attempt, stream=GAP, at=now, data=data
        )
    )


def active_in_family(tx: Transaction, job_id: str) -> list[str]:
    """Which of this job and its descendants have not ended. Raises `JobNotFound`; `WrongState` for somebody's child."""
    row = tx.execute(select(job.c.sequence, job.c.parent).where(job.c.id == job_id)).one_or_none()
    if row is None:
        raise JobNotFound("background job", job_id)
    if row.parent is not None:
        raise WrongState(f"background job {job_id} is a child of {row.parent} and goes with it")
    related = or_(job.c.sequence == row.sequence, job.c.root == row.sequence)
    return list(tx.execute(select(job.c.id).where(related, job.c.state.in_(ACTIVE))).scalars())


def remove(tx: Transaction, job_id: str) -> None:
    """Delete a job that `active_in_family` found to have ended, in the same transaction, and all that belongs to it."""
    tx.execute(delete(job).where(job.c.id == job_id))
