"""What happened in a chaos run: the database's rows, the log of states, the notes outside. The checker judges it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.schedule import Schedule
from rota.store import Store, Transaction, missed_notes, scheduled_jobs
from rota.store.missed_notes import Missed
from rota.store.tables import attempt, background_job
from tests.chaos import notes

ALL = 1_000_000
"""More than there are of anything."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A background job as it was in the end. `ends` are those of its attempts, from the first on."""

    id: str
    method: str = "work"
    state: State = State.COMPLETED
    attempt: int = 1
    ends: tuple[str, ...] = ("returned",)
    restarts: int = 0
    may_restart: int = 0
    is_map: bool = False
    key: str | None = None
    scheduled_job: str | None = None
    nominal_start: datetime | None = None
    created_at: datetime | None = None
    begin_at: datetime | None = None
    result: Any = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change of a job's row, in the order in which they were made. `owns` is the key that it has, if `holds`.

    `before` is None for a row that came, `after` for one that went.
    """

    job: str
    before: str | None
    after: str | None
    attempt: int
    holds: bool = False
    owns: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """A scheduled job with all of its notes about missed occurrences."""

    id: str
    name: str
    schedule: Schedule
    active_since: datetime
    missed: tuple[Missed, ...] = ()
    counted: int = 0


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A method that really ran, for an attempt. Times in seconds; one without an end was killed."""

    id: str
    job: str
    attempt: int
    begun: float
    ended: float | None = None
    returned: bool = False


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What clients noted: ids that they were about to start, were told of, and decided against."""

    transactions: frozenset[str] = frozenset()
    acknowledged: frozenset[str] = frozenset()
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class History:
    """One chaos run. `healed_at` is when the faults were over; `orders` and `effects` are rows of the test's tables."""

    healed_at: datetime
    jobs: Mapping[str, Job] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    scheduled: tuple[Scheduled, ...] = ()
    executions: tuple[Execution, ...] = ()
    wishes: Wishes = Wishes()
    orders: frozenset[str] = frozenset()
    effects: tuple[tuple[str, int], ...] = ()


def read(store: Store, folder: Path, healed_at: datetime) -> History:
    """Everything, once nothing happens any more; `folder` is that of the notes."""
    with store.read() as tx:
        return History(
            healed_at=healed_at,
            jobs={job.id: job for job in _jobs(tx)},
            changes=tuple(_changes(tx)),
            scheduled=tuple(_scheduled(tx)),
            executions=tuple(_executions(folder / notes.EXECUTIONS)),
            wishes=_wishes(folder / notes.CLIENTS),
            orders=frozenset(tx.execute(text("SELECT id FROM chaos_order")).scalars()),
            effects=tuple((row.job, row.attempt) for row in tx.execute(text("SELECT job, attempt FROM chaos_effect"))),
        )


def _jobs(tx: Transaction) -> Iterator[Job]:
    earlier: dict[int, list[str]] = {}
    for row in tx.execute(select(attempt).order_by(attempt.c.job, attempt.c.number)):
        earlier.setdefault(row.job, []).append(row.end)
    for row in tx.execute(select(background_job)):
        last = (row.last_end,) if row.last_end else ()
        yield Job(
            id=row.id,
            method=(row.method or "").rpartition(":")[2],
            state=State(row.state),
            attempt=row.attempt,
            ends=(*earlier.get(row.sequence, ()), *last),
            restarts=row.restarts,
            may_restart=RetryPolicy.from_data(row.retry).count,
            is_map=row.parallel is not None,
            key=f"{row.key_scope} {row.key}" if row.key else None,
            scheduled_job=row.scheduled_job,
            nominal_start=row.nominal_start,
            created_at=row.created_at,
            begin_at=row.begin_at,
            result=row.result,
        )


def _changes(tx: Transaction) -> Iterator[Change]:
    query = "SELECT job, before, after, attempt, holds, owns FROM chaos_state ORDER BY number"
    for row in tx.execute(text(query)).mappings():
        yield Change(**{**row, "holds": bool(row["holds"])})


def _scheduled(tx: Transaction) -> Iterator[Scheduled]:
    for job in scheduled_jobs.all_jobs(tx):
        assert job.schedule is not None
        yield Scheduled(
            id=job.id,
            name=job.name,
            schedule=job.schedule,
            active_since=job.active_since,
            missed=tuple(missed_notes.newest(tx, job.id, ALL)),
            counted=job.missed,
        )


def _executions(folder: Path) -> Iterator[Execution]:
    for file in sorted(folder.iterdir()):
        facts = {name: value for line in notes.read(file) for name, value in line.items()}
        if facts:  # else it was killed before it had written anything
            yield Execution(id=file.name, **facts)


def _wishes(folder: Path) -> Wishes:
    lines = [line for file in folder.iterdir() for line in notes.read(file)]
    return Wishes(
        transactions=frozenset(line["wish"] for line in lines if line.get("act") == "transaction"),
        acknowledged=frozenset(line["done"] for line in lines if "done" in line),
        undone=frozenset(line["undone"] for line in lines if "undone" in line),
    )


def occurrences(job: Scheduled, until: datetime) -> list[datetime]:
    """Every nominal start of the job up to `until`."""
    starts = []
    for occurrence in job.schedule.occurrences(job.active_since - timedelta(seconds=1), job.active_since):
        if occurrence.start > until:
            break
        starts.append(occurrence.start)
    return starts
