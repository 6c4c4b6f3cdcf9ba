"""Cursors: how far each consumer has received the records of a job, and so what is unread."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from rota.store.conflicts import insertion
from rota.store.connection import Transaction
from rota.store.slices import slices
from rota.store.tables import background_job, cursor, family, record

job = background_job


def position(tx: Transaction, sequence: int, consumer: str, streams: str = "") -> int:
    """The number of the last record that the consumer has of this job; 0 before the first."""
    found = tx.execute(
        select(cursor.c.number).where(
            cursor.c.job == sequence, cursor.c.consumer == consumer, cursor.c.streams == streams
        )
    ).scalar()
    return found or 0


def advance(tx: Transaction, sequence: int, consumer: str, streams: str, number: int) -> None:
    """The consumer has everything up to `number`. A cursor never goes back, whoever of two readers comes later.

    A job that was removed meanwhile needs no cursor.
    """
    there = select(job.c.sequence, literal(consumer), literal(streams), literal(number))
    source = there.where(job.c.sequence == sequence).with_for_update(read=True, key_share=True)
    new = insertion(tx, cursor).from_select([column.name for column in cursor.columns], source)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=[cursor.c.job, cursor.c.consumer, cursor.c.streams],
            set_={"number": new.excluded.number},
            where=cursor.c.number < new.excluded.number,
        )
    )


def is_unread(consumer: str) -> ColumnElement[bool]:
    """As a condition on jobs: whether there is something that this consumer has not received."""
    seen = (
        select(func.coalesce(func.max(cursor.c.number), 0))
        .where(cursor.c.job == job.c.sequence, cursor.c.consumer == consumer, cursor.c.streams == "")
        .correlate(job)
        .scalar_subquery()
    )
    counted = select(family.c.records).where(family.c.root == job.c.sequence).correlate(job).scalar_subquery()
    newer = select(record.c.number).where(
        record.c.root == job.c.root, record.c.job == job.c.sequence, record.c.number > seen
    )
    of_child = newer.correlate(job).exists()
    return or_(
        and_(job.c.root.is_(None), func.coalesce(job.c.records, counted) > seen),
        and_(job.c.root.is_not(None), of_child),
    )


def unread(tx: Transaction, consumer: str, ids: Sequence[str]) -> set[str]:
    """Which of these jobs have something that this consumer has not received."""
    found: set[str] = set()
    for some in slices(ids):
        found.update(tx.execute(select(job.c.id).where(job.c.id.in_(some), is_unread(consumer))).scalars())
    return found
