"""Retention: which finished background jobs go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select, text, tuple_

from rota.store.connection import Transaction
from rota.store.tables import FINISHED_STATE, background_job

job = background_job


def remove_finished(
    tx: Transaction, configuration: str | None, *, before: datetime, keep: int, limit: int = 1_000
) -> int:
    """Delete up to `limit` finished jobs of a configuration: ended before `before`, or not among the newest `keep`.

    Returns how many were deleted; their attempts and records go with them.
    """
    of_it = (text(FINISHED_STATE), job.c.configuration == configuration)
    if configuration is None:
        of_it = (text(FINISHED_STATE), job.c.configuration.is_(None))
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
    old = select(job.c.sequence).where(*of_it, gone).order_by(job.c.end_at).limit(limit)
    free = old.with_for_update(skip_locked=True).cte("free")  # two nodes may remove at once
    gone_now = delete(job).where(job.c.sequence.in_(select(free.c.sequence))).returning(job.c.sequence)
    return len(tx.execute(gone_now).all())
