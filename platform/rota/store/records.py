"""Records: what jobs emit, numbered densely per root job.

A job without children counts its records in its own row, which whoever writes about it has locked anyway. A family
counts in a row of `rota_family`: several nodes may write records of one family at once, and take turns there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, insert, select, update

from rota.model.errors import JobNotFound
from rota.model.record import Record
from rota.model.states import FINISHED
from rota.model.values import Json
from rota.store.bulk import packed, statements
from rota.store.connection import Transaction
from rota.store.tables import background_job, family, record

job = background_job


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecord:
    """A record before it has a number. `sequence` is its job's row; `size` is what it takes of the job's limit."""

    sequence: int
    attempt: int
    stream: str
    at: datetime
    data: Json
    size: int = 0


def append(tx: Transaction, new: Sequence[NewRecord], counts: Mapping[int, int | None]) -> None:
    """Number and insert records of jobs whose leases hold.

    `counts` says how many records each job has so far; None for a member of a family.
    """
    if not new:
        return
    roots = _roots(tx, {item.sequence for item in new}, counts)
    numbers = {sequence: count for sequence, count in counts.items() if count is not None}
    numbers |= _reserve(tx, Counter(roots[item.sequence] for item in new if counts[item.sequence] is None))
    rows = []
    for item in new:
        root = roots[item.sequence]
        numbers[root] += 1
        rows.append(
            {
                "root": root,
                "number": numbers[root],
                "job": item.sequence,
                "attempt": item.attempt,
                "stream": item.stream,
                "at": item.at,
                "data": item.data,
            }
        )
    tx.execute(_INSERT, rows)
    sizes: Counter[int] = Counter()
    for item in new:
        sizes[item.sequence] += item.size
    grown = [
        {"sequence_": sequence, "count_": None if counts[sequence] is None else numbers[sequence], "size_": size}
        for sequence, size in sizes.items()
    ]
    tx.execute(_COUNT[tx.dialect.name], {"rows": packed(grown)})


_INSERT = insert(record)

_COUNT = statements(
    """
    UPDATE rota_background_job SET records = count_, output_bytes = output_bytes + size_
    FROM {rows}
    WHERE sequence = sequence_
    """,
    {"sequence_": "bigint", "count_": "integer", "size_": "bigint"},
)


def _roots(tx: Transaction, sequences: Iterable[int], counts: Mapping[int, int | None]) -> dict[int, int]:
    """The root of each job; only members of a family have to be asked for theirs."""
    roots = {sequence: sequence for sequence in sequences}
    related = [sequence for sequence in roots if counts[sequence] is None]
    if related:
        found = tx.execute(select(job.c.sequence, job.c.root).where(job.c.sequence.in_(related)))
        roots |= {row.sequence: row.root for row in found if row.root is not None}
    return roots


def _reserve(tx: Transaction, wanted: Mapping[int, int]) -> dict[int, int]:
    """Reserve so many numbers in each family; returns the last number before them.

    Everybody takes families in the order of their rows, after all job rows, so that nobody waits in a circle.
    """
    before = {}
    for root in sorted(wanted):
        last = tx.execute(_RESERVE, {"root_": root, "count_": wanted[root]}).scalar_one()
        before[root] = last - wanted[root]
    return before


_RESERVE = (
    update(family)
    .where(family.c.root == bindparam("root_"))
    .values(records=family.c.records + bindparam("count_", type_=family.c.records.type))
    .returning(family.c.records)
)


@dataclass(frozen=True, slots=True)
class Source:
    """Whose records to read: all of `root`'s family, or those of the one job `only`; `streams` empty for all."""

    root: int
    only: int | None = None
    streams: tuple[str, ...] = ()


def locate(tx: Transaction, job_id: str) -> tuple[int, int]:
    """The rows of a job and of its root. Raises `JobNotFound`."""
    row = tx.execute(select(job.c.sequence, job.c.root).where(job.c.id == job_id)).one_or_none()
    if row is None:
        raise JobNotFound("background job", job_id)
    return row.sequence, row.root or row.sequence


def has_ended(tx: Transaction, sequence: int) -> bool:
    """Whether this job has ended, or is gone."""
    state = tx.execute(select(job.c.state).where(job.c.sequence == sequence)).scalar()
    return state is None or state in FINISHED


def page(tx: Transaction, source: Source, *, after: int, upto: int, limit: int) -> list[Record]:
    """The next `limit` records with numbers beyond `after` and up to `upto`, in order."""
    query = _of(source).where(record.c.number > after, record.c.number <= upto).order_by(record.c.number).limit(limit)
    return [Record(**row) for row in tx.execute(query).mappings()]


def _of(source: Source) -> Select[tuple[str, int, int, str, datetime, Json]]:
    query = (
        select(job.c.id.label("job"), record.c.attempt, record.c.number, record.c.stream, record.c.at, record.c.data)
        .join(job, job.c.sequence == record.c.job)
        .where(record.c.root == source.root)
    )
    if source.only is not None:
        query = query.where(record.c.job == source.only)
    if source.streams:
        query = query.where(record.c.stream.in_(source.streams))
    return query


def last_number(tx: Transaction, root: int) -> int:
    """The number of the newest record of a root job and its family; 0 before the first."""
    count = func.coalesce(job.c.records, family.c.records)
    found = tx.execute(
        select(count).outerjoin(family, family.c.root == job.c.sequence).where(job.c.sequence == root)
    ).scalar()
    return found or 0


def number_before_tail(tx: Transaction, source: Source, count: int) -> int:
    """The number after which just the last `count` records come."""
    numbers = _of(source).with_only_columns(record.c.number).order_by(record.c.number.desc()).offset(count).limit(1)
    return tx.execute(numbers).scalar() or 0


def of_job(tx: Transaction, job_id: str, *, after: int = 0, limit: int | None = None) -> list[Record]:
    """The records of one job, without its children, from number `after` + 1 on, in order."""
    sequence, root = locate(tx, job_id)
    source = Source(root, sequence)
    query = _of(source).where(record.c.number > after).order_by(record.c.number)
    if limit is not None:
        query = query.limit(limit)
    return [Record(**each) for each in tx.execute(query).mappings()]
