"""Claims: how a due job comes under a node's lease. The only way into running.

The attempt number grows with every claim and is the fencing token: whoever writes about a run names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from sqlalchemy import CTE, Select, bindparam, exists, func, literal_column, null, or_, select, text, update

from rota.model.attempt import Attempt
from rota.model.background_job import Lease
from rota.model.command import Command
from rota.model.lock import STOP_JOBS
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.store.driver import Writing
from rota.store.tables import CLAIMABLE_STATE, background_job, lock
from rota.store.tables import node as node_table

job = background_job

_NO_PATHS: Mapping[str, tuple[str, ...]] = MappingProxyType({})


LEASED = (
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
    job.c.queue,
    job.c.retry,
    job.c.restarts,
    job.c.timeout,
    job.c.begin_at,
    job.c.claimed_at,
    job.c.stop_at,
    job.c.completion_interval,
    job.c.scheduled_job,
    job.c.output_bytes,
)
"""What a lease is made of, in the order that `lease_of` takes it apart."""

_ORDER = (job.c.rank, job.c.due_at, job.c.sequence)
"""The order of claims. No database says in which order it returns the rows that it updates."""

_in_order = itemgetter(len(LEASED), len(LEASED) + 1, 0)  # rank and instant follow what is leased; its sequence leads


def locked(wanted: Select[Any]) -> CTE:
    """The rows of `wanted` that nobody else has in hand, locked, as a table for an update to name its rows by.

    As a common table expression it is evaluated once. As a plain subquery PostgreSQL may evaluate it again for every
    row it is compared with, and each time it would find, and lock, more rows than its limit.
    """
    return wanted.with_for_update(skip_locked=True, of=job).cte("locked")


_ALIVE = (
    select(node_table.c.id)
    .where(node_table.c.id == bindparam("node_"), node_table.c.ended_at.is_(None))
    .with_for_update(read=True)
    .cte("alive")
)

# Locked too, so that nobody takes one of these locks before the jobs that are claimed now are seen to run.
_UNLOCKED = (
    select(lock.c.name)
    .where(
        text(f"name IN ({', '.join(repr(str(name)) for name in STOP_JOBS)})"),
        or_(lock.c.holder.is_(None), lock.c.until <= bindparam("now_")),
    )
    .with_for_update(read=True)
    .cte("unlocked")
)

_DUE = (
    select(job.c.sequence)
    .where(
        text(CLAIMABLE_STATE),
        job.c.queue == bindparam("queue_"),
        job.c.due_at <= bindparam("now_"),
        exists(select(_ALIVE.c.id)),
        select(func.count()).select_from(_UNLOCKED).scalar_subquery() == literal_column(str(len(STOP_JOBS))),
    )
    .order_by(*_ORDER)
    .limit(bindparam("limit_"))
)

# What is always the same stands in the text: each bound value costs at every claim, and a list of them most of all.
_CLAIM = (
    update(job)
    .where(job.c.sequence == locked(_DUE).c.sequence)
    .values(
        state=literal_column(f"'{State.RUNNING}'"),
        node=bindparam("node_"),
        process=null(),
        attempt=job.c.attempt + literal_column("1"),
        begin_at=func.coalesce(job.c.begin_at, bindparam("now_", type_=job.c.begin_at.type)),
        claimed_at=bindparam("now_"),
        reason=null(),
        progress_fraction=null(),
        progress_text=null(),
    )
    .returning(*LEASED, job.c.rank, job.c.due_at)
)


def claim(
    tx: Writing, *, node: str, queue: str, limit: int, now: datetime, paths: Mapping[str, tuple[str, ...]]
) -> list[Lease]:
    """Lease up to `limit` due jobs of `queue` to `node`: highest priority first, then longest due, then oldest.

    `paths` holds the import path of each configuration. A node that was declared lost gets nothing; its row is locked,
    so that it cannot be declared lost in between. Nor does anybody while a lock keeps jobs from starting.
    """
    claimed = tx.execute(_CLAIM, {"node_": node, "queue_": queue, "limit_": limit, "now_": now}).fetchall()
    return [lease_of(row, paths) for row in sorted(claimed, key=_in_order)]


def lease_of(row: Sequence[Any], paths: Mapping[str, tuple[str, ...]] = _NO_PATHS) -> Lease:
    """The lease that a row of `LEASED` describes; the row may go on. A name for each column costs most of a claim."""
    (
        sequence, job_id, number, name, method, command, parameters, key, user, configuration, queue, retry, restarts,
        timeout, begin_at, claimed_at, stop_at, completion_interval, scheduled_job, output_bytes, *_,
    ) = row  # fmt: skip
    return Lease(
        sequence=sequence,
        attempt=Attempt(
            job=job_id,
            number=number,
            name=name,
            method=method,
            command=Command.from_data(command),
            parameters=parameters,
            key=key,
            user=user,
            path=paths.get(configuration, ()),
        ),
        configuration=configuration,
        queue=queue,
        retry=RetryPolicy.from_data(retry),
        restarts=restarts,
        timeout=timeout,
        begin_at=begin_at,
        claimed_at=claimed_at,
        stop_at=stop_at,
        completion_interval=completion_interval,
        scheduled_job=scheduled_job,
        output_bytes=output_bytes,
    )
