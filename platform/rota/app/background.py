"""What can be done with background jobs: start, look, cancel, remove. Every interface calls these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from rota.app.context import Context
from rota.app.methods import Methods
from rota.model.attempt import AttemptId
from rota.model.background_job import BackgroundJob, NewJob
from rota.model.errors import BadParameters, JobNotFound, KeyInUse, UsageError
from rota.model.ids import new_id
from rota.model.record import Record
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.values import Parameters
from rota.store import Transaction, audit, background_jobs, children, cursors, records, transitions
from rota.store.background_jobs import Filter
from rota.store.configurations import Applied
from rota.store.wakeups import wake_engines, wake_waiters

OnConflict = Literal["error", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How to start background jobs. `timeout` is in seconds; `delay` counts from now, `due_at` is an instant.

    `parent` is the attempt that starts them, where a job does.
    """

    key: str | None = None
    name: str | None = None
    executor: str = "process"
    priority: int = 0
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    delay: timedelta | None = None
    due_at: datetime | None = None
    on_conflict: OnConflict = "error"
    parent: AttemptId | None = None


def start(context: Context, methods: Methods, method: str, parameters: Any, how: Start) -> str:
    """Start one background job; returns its id, or with `on_conflict="skip"` that of the holder of its key.

    When this returns, the job is stored. Raises `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`.
    """
    new, home = new_job(context, methods, method, parameters, how)
    while True:
        with context.store.write() as tx:
            if _insert(tx, [new], home, how.parent):
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
    made = [new_job(context, methods, method, each, how) for each in parameters]
    jobs = [new for new, _ in made]
    if made:
        with context.store.write() as tx:
            _insert(tx, jobs, made[0][1], how.parent)
    return [job.id for job in jobs]


def _insert(tx: Transaction, jobs: Sequence[NewJob], home: Applied, parent: AttemptId | None = None) -> set[str]:
    inserted = background_jobs.insert_jobs(tx, jobs, {job.id: home.pool_of(job.executor) for job in jobs})
    if parent is not None and inserted:
        children.adopt(tx, parent, [job.id for job in jobs if job.id in inserted])
    wake_engines(tx)
    return inserted


def new_job(context: Context, methods: Methods, method: str, parameters: Any, how: Start) -> tuple[NewJob, Applied]:
    """A checked job that is not stored yet, and the configuration that allows its method."""
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
        return _seen_by(context, tx, [background_jobs.get(tx, background_jobs.find_id(tx, selector))])[0]


def get_all(context: Context, ids: Sequence[str]) -> list[BackgroundJob]:
    """The jobs of these ids, in this order. Raises `JobNotFound`."""
    with context.store.read() as tx:
        return _seen_by(context, tx, [background_jobs.get(tx, job) for job in ids])


def resolve(context: Context, selectors: Sequence[str], states: Sequence[State] = ()) -> list[str]:
    """The ids that selectors stand for, each once: an id, a prefix, a name (its newest job), a name with `*` (all).

    With `states` only jobs in those states, and without selectors all of them. Raises `JobNotFound` for a selector
    without a job, unless it holds a `*`.
    """
    ids: list[str] = []
    with context.store.read() as tx:
        for selector in selectors:
            ids += _all_of(tx, selector) if "*" in selector else [background_jobs.find_id(tx, selector)]
        if states:
            chosen = Filter(states=tuple(states), children=bool(selectors), newest=None)
            there = [job.id for job in reversed(background_jobs.select_jobs(tx, chosen))]
            ids = [job for job in there if job in set(ids)] if selectors else there
    return list(dict.fromkeys(ids))


def _all_of(tx: Transaction, name: str) -> list[str]:
    return [job.id for job in reversed(background_jobs.select_jobs(tx, Filter(name=name, newest=None)))]


def output(context: Context, job: str, after: int = 0) -> list[Record]:
    """The records of a job, by id, from number `after` + 1 on."""
    with context.store.read() as tx:
        return records.of_job(tx, job, after=after)


def select(context: Context, wanted: Filter) -> list[BackgroundJob]:
    """The matching jobs, newest first."""
    with context.store.read() as tx:
        return _seen_by(context, tx, background_jobs.select_jobs(tx, wanted))


def _seen_by(context: Context, tx: Transaction, jobs: Sequence[BackgroundJob]) -> list[BackgroundJob]:
    """The jobs with what depends on others: their children, and who looks."""
    ids = [job.id for job in jobs]
    unread, counts = cursors.unread(tx, context.user, ids), children.counts(tx, ids)
    return [replace(job, unread=job.id in unread, children=counts.get(job.id)) for job in jobs]


def cancel(context: Context, selector: str, grace: float | None = None) -> State:
    """Ask for a job to be cancelled; returns its state after that. Twice is no error, a finished job stays as it is.

    Its children are cancelled with it. `grace` is how many seconds a running job may take before it is ended by force.
    """
    with context.store.write() as tx:
        job = background_jobs.find_id(tx, selector)
        state = transitions.request_cancel(tx, job, by=context.user, grace=grace, now=context.now())
        if state is None:
            raise JobNotFound("background job", selector)
        if state not in {State.COMPLETED, State.FAILED}:
            state = _cancel_children(tx, job, state, grace, context.now())
        audit.note(tx, at=context.now(), user=context.user, act="cancel", subject=job)
        wake_engines(tx)
        wake_waiters(tx)
    return state


def _cancel_children(tx: Transaction, job: str, state: State, grace: float | None, now: datetime) -> State:
    """Cancel the children of a job that was just cancelled; returns its state then: a map may have ended with them."""
    gone = [records.locate(tx, job)[0], *children.cancel_children(tx, job, grace=grace, now=now)]
    ended = children.note_ends(tx, gone, now)
    records.append(tx, *children.errors_of(ended))
    return next((each.state for each in ended if each.job == job), state)


__all__ = ["Filter", "Start", "cancel", "get", "get_all", "output", "resolve", "select", "start", "start_many"]
