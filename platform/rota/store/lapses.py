"""Overrides that end by themselves, written down: the job's row becomes what it is without them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, select

from rota.model.lapses import lapsed
from rota.model.scheduled_job import ScheduledJob
from rota.model.timing import Timing
from rota.store import scheduled_changes, scheduled_jobs
from rota.store.connection import Transaction
from rota.store.tables import scheduled_job

# In the order of the index that has them alone: by their ids, SQLite would read every scheduled job there is.
_OVER = (
    select(scheduled_job.c.id).where(scheduled_job.c.lapse_at <= bindparam("now_")).order_by(scheduled_job.c.lapse_at)
)
_OVER_AND_FREE = _OVER.limit(bindparam("limit_")).with_for_update(skip_locked=True)


def restore(tx: Transaction, now: datetime, limit: int) -> list[ScheduledJob]:
    """Restore up to `limit` jobs of which an override is over; those that somebody has in hand are left out.

    Returns them as they were.
    """
    ids = list(tx.execute(_OVER_AND_FREE, {"now_": now, "limit_": limit}).scalars())
    before = [scheduled_jobs.get(tx, each) for each in ids]
    for job in before:
        restored(tx, job, now)
    return before


def restore_all(tx: Transaction, now: datetime, configuration: str) -> None:
    """Restore every job of a configuration; the caller has locked them."""
    over = tx.execute(_OVER.add_columns(scheduled_job.c.configuration), {"now_": now}).all()
    # Chosen here: SQLite would look through all jobs of the configuration, where few jobs of any have an override over.
    for each in over:
        if each.configuration == configuration:
            restored(tx, scheduled_jobs.get(tx, each.id), now)


def restored(tx: Transaction, job: ScheduledJob, now: datetime) -> ScheduledJob:
    """The job, which the caller has locked, as it is by `now`, and so in the database."""
    after = lapsed(job, now)
    if after is job:
        return job
    scheduled_changes.set_overrides(tx, job.id, after.overrides)
    timing = Timing(
        active_since=after.active_since,
        considered=after.considered,
        next_start=after.next_start,
        look_at=after.look_at,
    )
    if (after.use, after.schedule) != (job.use, job.schedule):
        scheduled_changes.retime(tx, {job.id: (after.use, timing)})
    return after
