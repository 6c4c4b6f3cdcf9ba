"""Puts jobs, nodes and endings into a real database, the way the engine does. Used by the tests of the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, update

from rota.model.acts import Act, Audited
from rota.model.background_job import BackgroundJob, Lease, NewJob
from rota.model.definition import Configuration, Definition
from rota.model.errors import DatabaseUnavailable
from rota.model.ids import new_id
from rota.model.outcome import End
from rota.model.record import Stream
from rota.model.scheduled_job import ScheduledJob
from rota.model.states import State
from rota.model.timing import Timing
from rota.model.transitions import Next
from rota.model.users import ADMINISTRATOR, Role
from rota.store import (
    Store,
    background_jobs,
    claims,
    configurations,
    new_jobs,
    nodes,
    records,
    scheduled_changes,
    scheduled_jobs,
    transitions,
)
from rota.store.grounds import Grounds
from rota.store.looks import Look, note_looks
from rota.store.missed_notes import Missed
from rota.store.nodes import Node
from rota.store.records import NewRecord
from rota.store.scheduled_changes import NewScheduledJob
from rota.store.tables import lock, metadata, user
from rota.store.transitions import Ending

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)

GROUNDS = Grounds(ADMINISTRATOR, Role.USER, None)
"""What the starts of tests rest on: the user that every database has."""

ALWAYS_THERE = (lock, user)
"""Tables whose first rows come with the database."""


@contextmanager
def table_in(store: Store, table: Table) -> Iterator[None]:
    """A table of the test's own, there while inside."""
    with store.write() as tx:
        table.create(tx)
    yield
    with store.write() as tx:
        table.drop(tx)


def empty(store: Store) -> None:
    """As a new database is."""
    with store.write() as tx:
        for table in reversed(metadata.sorted_tables):
            if table not in ALWAYS_THERE:
                tx.execute(delete(table))
        tx.execute(delete(user).where(user.c.name != ADMINISTRATOR))
        tx.execute(update(lock).values({each.name: None for each in lock.c if each.nullable}))


def new_job(**values: Any) -> NewJob:
    """A job that is due at NOW."""
    facts = {"method": "m:f", "name": "job", "user": "administrator", "executor": "process"}
    return NewJob(**{"id": new_id(), "due_at": NOW, "created_at": NOW, **facts, **values})


def insert(store: Store, *jobs: NewJob, queue: str = "process") -> set[str]:
    with store.write() as tx:
        return new_jobs.insert_jobs(tx, jobs, {job.id: queue for job in jobs})


def start(store: Store, *jobs: NewJob, queue: str = "process") -> None:
    """The way of those who start jobs."""
    act = Audited(at=NOW, user="administrator", act=Act.JOB_START, subject=jobs[0].id)
    with store.write_by_driver(rings=queue) as tx:
        new_jobs.start_jobs(tx, jobs[0], [(job.id, job.parameters) for job in jobs], queue, act=act, given=GROUNDS)


def stored(store: Store, job_id: str) -> BackgroundJob:
    with store.read() as tx:
        return background_jobs.get(tx, job_id)


def add_node(store: Store, name: str = "a", **values: Any) -> str:
    """Register an active node; its id is its name."""
    facts = {"id": name, "name": name, "host": "host", "process": 1, "started_at": NOW, "seen_at": NOW}
    with store.write() as tx:
        nodes.register(tx, Node(**{**facts, "beat": 0, "lease": 15.0, "slots": {"process": 4}, **values}))
    return name


def claim(
    store: Store, node: str = "a", *, queue: str = "process", limit: int = 10, now: datetime = NOW
) -> list[Lease]:
    with store.write() as tx:
        return claims.claim(tx, node=node, queue=queue, limit=limit, now=now, paths={})


def running(store: Store, node: str = "a", **values: Any) -> Lease:
    """Insert a job and have `node` claim it."""
    insert(store, new_job(**values))
    (lease,) = claim(store, node)
    return lease


def ending(lease: Lease, after: Next, node: str = "a", end: End = End.RETURNED, at: datetime = NOW) -> Ending:
    return Ending(
        sequence=lease.sequence,
        job=lease.attempt.job,
        number=lease.attempt.number,
        node=node,
        begin_at=lease.claimed_at,
        end_at=at,
        process=4711,
        end=end,
        next=after,
        scheduled_job=lease.scheduled_job,
        run_begin=lease.begin_at,
    )


def end(store: Store, *endings: Ending) -> list[int]:
    """End attempts, as a dispatcher does; returns the rows whose leases held."""
    with store.write() as tx:
        return sorted(transitions.end_attempts(tx, endings))


def completed(store: Store, node: str = "a", at: datetime = NOW, **values: Any) -> str:
    """Insert a job and run it to its end; returns its id."""
    lease = running(store, node, **values)
    end(store, ending(lease, Next(state=State.COMPLETED, restarts=0), node, at=at))
    return lease.attempt.job


def emit(
    store: Store, lease: Lease, *data: Any, node: str = "a", stream: Stream = Stream.OUTPUT, size: int = 0
) -> bool:
    """Append records as a dispatcher does, each of `size` bytes; False where the lease is gone."""
    with store.write() as tx:
        held = transitions.held(tx, node, {lease.sequence: lease.attempt.number}.items())
        row, attempt = lease.sequence, lease.attempt.number
        new = [
            NewRecord(sequence=row, attempt=attempt, stream=stream, at=NOW, data=each, size=size)
            for each in data
            if held
        ]
        records.append(tx, new, held)
    return bool(held)


def add_definitions(store: Store, *names: str, configuration: str = "shop") -> dict[str, int]:
    """Save a configuration with these definitions; returns their ids by name."""
    with store.write() as tx:
        header = Configuration(name=configuration)
        configurations.save_header(tx, header, number=1, by="administrator", now=NOW)
        properties = [(name, Definition(name=name, method="m:f").properties) for name in names]
        return configurations.create_definitions(tx, configuration, properties)


def new_scheduled_job(definition: int, **values: Any) -> NewScheduledJob:
    """A predefined job that is to be looked at at NOW."""
    timing = Timing(active_since=NOW, considered=NOW - SECOND, next_start=NOW, look_at=NOW)
    facts = {"id": new_id(), "configuration": "shop", "name": "rates", "predefined": True, "use": True}
    return NewScheduledJob(**{**facts, "definition": definition, "timing": timing, "overrides": {}, **values})


def missed(job_id: str, **values: Any) -> Missed:
    """A note of three occurrences that a job has missed."""
    facts = {"first_start": NOW - SECOND, "last_start": NOW, "count": 3, "reason": "no engine was running", "at": NOW}
    return Missed(**{"scheduled_job": job_id, **facts, **values})


def add_scheduled_jobs(store: Store, names: Sequence[str] = ("rates",), **values: Any) -> list[str]:
    """Save a predefined job for each name; returns their ids."""
    ids = add_definitions(store, *names)
    jobs = [new_scheduled_job(ids[name], **({"name": name} | values)) for name in names]
    with store.write() as tx:
        scheduled_changes.create(tx, jobs, NOW)
    return [job.id for job in jobs]


def scheduled(store: Store, job_id: str) -> ScheduledJob:
    with store.read() as tx:
        return scheduled_jobs.get(tx, job_id)


def due(store: Store, now: datetime = NOW, limit: int = 100) -> list[str]:
    """The names of the scheduled jobs that are to be looked at."""
    with store.write() as tx:
        return [job.name for job in scheduled_jobs.due(tx, now, limit)]


def look(job_id: str, **values: Any) -> Look:
    """The decision to look at the job again in ten seconds."""
    facts = {"seen": NOW, "considered": NOW, "next_start": None, "look_at": NOW + 10 * SECOND}
    return Look(**({"id": job_id, "active_job": None, "held": None, "missed": 0} | facts | values))


def note(store: Store, looks: Sequence[Look]) -> None:
    """Write what was decided, as a scheduler does."""
    with store.write() as tx:
        note_looks(tx, looks)


@contextmanager
def breaking(store: Store, *, after_commit: bool, how: str = "write") -> Iterator[None]:
    """The next write fails: at its end, or after its commit, as when a server dies before it can say so."""
    write = getattr(store, how)
    broken: list[bool] = []

    @contextmanager
    def failing() -> Any:
        if broken:
            with write() as tx:
                yield tx
            return
        broken.append(True)
        with write() as tx:
            yield tx
            if not after_commit:
                raise DatabaseUnavailable("the connection broke")
        raise DatabaseUnavailable("the connection broke")

    setattr(store, how, failing)
    try:
        yield
    finally:
        setattr(store, how, write)
