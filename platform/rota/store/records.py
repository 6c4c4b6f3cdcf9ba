"""Records: what jobs emit, numbered densely per root job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from rota.model.record import Record
from rota.model.values import Json
from rota.store.connection import Transaction
from rota.store.tables import background_job, record


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A record before it has a number. `sequence` is its job's row."""

    sequence: int
    attempt: int
    stream: str
    at: datetime
    data: Json


def append(tx: Transaction, new: Sequence[NewRecord], counts: Mapping[int, int]) -> None:
    """Number and insert records of jobs whose leases hold; `counts` says how many records each job has so far."""
    numbers = dict(counts)
    rows = []
    for item in new:
        number = numbers[item.sequence] = numbers[item.sequence] + 1
        rows.append(
            {
                "root": item.sequence,
                "number": number,
                "job": item.sequence,
                "attempt": item.attempt,
                "stream": item.stream,
                "at": item.at,
                "data": item.data,
            }
        )
    if not rows:
        return
    tx.execute(_INSERT, rows)
    tx.execute(_COUNT, [{"sequence_": s, "count_": n} for s, n in numbers.items() if n != counts[s]])


_INSERT = insert(record)
_COUNT = (
    update(background_job)
    .where(background_job.c.sequence == bindparam("sequence_"))
    .values(records=bindparam("count_"))
)


def of_job(tx: Transaction, job_id: str, *, after: int = 0, limit: int | None = None) -> list[Record]:
    """The records of a job from number `after` + 1 on, in order."""
    query = (
        select(record.c.number, record.c.attempt, record.c.stream, record.c.at, record.c.data)
        .join(background_job, background_job.c.sequence == record.c.root)
        .where(background_job.c.id == job_id, record.c.number > after)
        .order_by(record.c.number)
    )
    if limit is not None:
        query = query.limit(limit)
    return [Record(job=job_id, **row) for row in tx.execute(query).mappings()]
