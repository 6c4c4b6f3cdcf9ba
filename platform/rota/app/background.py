"""What can be done with background jobs: start, look, wait, cancel. Every interface calls these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from rota.app.context import Context
from rota.app.methods import Methods
from rota.model.background_job import BackgroundJob, NewJob
from rota.model.errors import BadParameters, JobNotFound, KeyInUse, UsageError
from rota.model.ids import new_id
from rota.model.record import Record
from rota.model.retry import RetryPolicy
from rota.model.states import FINISHED, State
from rota.model.values import Parameters
from rota.store import Transaction, audit, background_jobs, records, transitions
from rota.store.background_jobs import Filter
from rota.store.configurations import Applied
from rota.store.wakeups import Change, wake_engines, wakeups_of

OnConflict = Literal["error", "skip"]

ENGINE_CHECK_SECONDS = 1.0
"""How often somebody who waits makes sure that an engine is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How to start background jobs. `timeout` is in seconds; `delay` counts from now, `due_at` is an instant."""

    key: str | None = None
    name: str | None = None
    executor: str = "process"
    priority: int = 0
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    delay: timedelta | None = None
    due_at: datetime | None = None
    on_conflict: OnConflict = "error"


@dataclass(frozen=True, slots=True)
class Waited:
    """What a wait found: the jobs that are finished, those that are not, and whether time ran out."""

    done: tuple[BackgroundJob, ...]
    pending: tuple[BackgroundJob, ...]
    timed_out: bool


def start(context: Context, methods: Methods, method: str, parameters: Any, how: Start) -> str:
    """Start one background job; returns its id, or with `on_conflict="skip"` that of the holder of its key.

    When this returns, the job is stored. Raises `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`.
    """
    new, home = _new_job(context, methods, method, parameters, how)
    while True:
        with context.store.write() as tx:
            if _insert(tx, [new], home):
                return new.id
            holder = background_jobs.key_holder(tx, new.key_scope, new.key or "")
        # Between the insert and the look, the holder may have ended: then the key is free.
        if holder is not None:
            if how.on_conflict == "skip":
                return holder
            raise KeyInUse(new.key or "", holder)


def start_many(context: Context, methods: Methods, method: str, parameters: Sequence[Any], how: Start) -> list[str]:
    """Start a background job for each of `parameters`, in one transaction and one round trip; returns their ids.

    Either all are stored or none. A key would let only one of them run; it is refused.
    """
    if how.key is not None:
        raise UsageError("start_many takes no key: at most one job can hold it")
    made = [_new_job(context, methods, method, each, how) for each in parameters]
    jobs = [new for new, _ in made]
    if made:
        with context.store.write() as tx:
            _insert(tx, jobs, made[0][1])
    return [job.id for job in jobs]


def _insert(tx: Transaction, jobs: Sequence[NewJob], home: Applied) -> set[str]:
    inserted = background_jobs.insert_jobs(tx, jobs, {job.id: home.pool_of(job.executor) for job in jobs})
    wake_engines(tx, Change.JOBS)
    return inserted


def _new_job(context: Context, methods: Methods, method: str, parameters: Any, how: Start) -> tuple[NewJob, Applied]:
    data = _as_json(method, parameters)
    home = methods.check(method, data)
    _require_executor(home, how.executor)
    now = context.now()
    due_at = how.due_at or (now + how.delay if how.delay else now)
    if due_at.tzinfo is None:
        raise UsageError("due_at needs a time zone")
    new = NewJob(
        id=new_id(),
        method=method,
        name=how.name or method.rpartition(":")[2],
        parameters=data,
        key=how.key,
        key_scope=method,
        user=context.user,
        executor=how.executor,
        priority=how.priority,
        retry=how.retry,
        timeout=how.timeout,
        due_at=due_at,
        created_at=now,
        configuration=home.name,
    )
    return new, home


def _require_executor(home: Applied, executor: str) -> None:
    """A job for an executor that nobody has would wait for ever."""
    known = home.executors_for_methods()
    if executor not in known:
        raise UsageError(f"no executor {executor!r} for methods in configuration {home.name}: {', '.join(known)}")


def _as_json(method: str, parameters: Any) -> Parameters:
    """Parameters as JSON: dates, Decimal, enums, dataclasses and the like become what the hints restore them from."""
    if parameters is None:
        return None
    if isinstance(parameters, str | bytes) or not isinstance(parameters, Mapping | Sequence):
        raise BadParameters(method, ["they must be a mapping (by name) or a list (by position)"])
    try:
        data: Parameters = msgspec.to_builtins(parameters, str_keys=True)
    except (TypeError, ValueError) as error:
        raise BadParameters(method, [str(error)]) from error
    return data


def get(context: Context, selector: str) -> BackgroundJob:
    """The job that `selector` stands for: an id, an unambiguous prefix, or the newest of that name."""
    with context.store.read() as tx:
        return background_jobs.get(tx, background_jobs.find_id(tx, selector))


def output(context: Context, job: str, after: int = 0) -> list[Record]:
    """The records of a job, by id, from number `after` + 1 on."""
    with context.store.read() as tx:
        return records.of_job(tx, job, after=after)


def select(context: Context, wanted: Filter) -> list[BackgroundJob]:
    """The matching jobs, newest first."""
    with context.store.read() as tx:
        return background_jobs.select_jobs(tx, wanted)


def cancel(context: Context, selector: str, grace: float | None = None) -> State:
    """Ask for a job to be cancelled; returns its state after that. Twice is no error, a finished job stays as it is.

    `grace` is how many seconds a running job may take before it is ended by force.
    """
    with context.store.write() as tx:
        job = background_jobs.find_id(tx, selector)
        state = transitions.request_cancel(tx, job, by=context.user, grace=grace, now=context.now())
        if state is None:
            raise JobNotFound("background job", selector)
        audit.note(tx, at=context.now(), user=context.user, act="cancel", subject=job)
        wake_engines(tx)
    return state


def wait(context: Context, ids: Sequence[str], *, timeout: float | None, any_: bool = False) -> Waited:
    """Wait until all jobs, or with `any_` one of them, are finished, or `timeout` seconds are over; 0 is a look.

    Raises `EngineNotActive` where nobody would ever run them, and `JobNotFound`.
    """
    wanted = list(dict.fromkeys(ids))
    end = None if timeout is None else context.clock.monotonic() + timeout
    wakeups = wakeups_of(context.store)
    try:
        while True:
            states = _states(context, wanted)
            finished = [job for job in wanted if states[job] in FINISHED]
            if len(finished) == len(wanted) or (any_ and finished):
                return _waited(context, wanted, states, timed_out=False)
            if end is not None and context.clock.monotonic() >= end:
                return _waited(context, wanted, states, timed_out=True)
            context.require_engine()
            _wait_for_change(context, wakeups, end)
    finally:
        wakeups.close()


def _wait_for_change(context: Context, wakeups: Any, end: float | None) -> None:
    """Return when something changed, time is over, or it is time to make sure that an engine is there."""
    look = context.clock.monotonic() + ENGINE_CHECK_SECONDS
    until = look if end is None else min(look, end)
    while context.clock.monotonic() < until:
        if wakeups.wait():
            return


def _states(context: Context, ids: Sequence[str]) -> dict[str, State]:
    with context.store.read() as tx:
        states = background_jobs.states(tx, ids)
    for job in ids:
        if job not in states:
            raise JobNotFound("background job", job)
    return states


def _waited(context: Context, ids: Sequence[str], states: Mapping[str, State], *, timed_out: bool) -> Waited:
    with context.store.read() as tx:
        jobs = [background_jobs.get(tx, job) for job in ids]
    done = tuple(job for job in jobs if states[job.id] in FINISHED)
    return Waited(done, tuple(job for job in jobs if states[job.id] not in FINISHED), timed_out)


__all__ = ["Filter", "Start", "Waited", "cancel", "get", "output", "select", "start", "start_many", "wait"]
