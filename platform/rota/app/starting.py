"""Starting background jobs: one or many, at once or later, with a key, inside the caller's own transaction.

Every interface starts jobs through here. What is checked is checked before anything is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from rota.app import rights
from rota.app.context import Context
from rota.app.deciding import Outdated, decide, holding
from rota.app.methods import Known, Methods
from rota.app.start_options import Start, require_label
from rota.model.acts import Act
from rota.model.background_job import BackgroundJob, NewJob
from rota.model.counting import counted
from rota.model.errors import DatabaseUnavailable, IdInUse, JobNotFound, KeyInUse, UsageError
from rota.model.ids import new_id
from rota.model.parameter_data import to_data
from rota.model.parameters import bind
from rota.model.values import Parameters
from rota.store import Transaction, background_jobs, children, keys, new_jobs
from rota.store.enlisting import CallersConnection, enlisted
from rota.store.grounds import Grounds
from rota.store.wakeups import wake_dispatchers

_TRIES = 10
"""How often a start looks again when what stood in its way is gone as soon as it looks for it."""

_RESTLESS = "the key {!r} changed hands all the time while a job was to be started with it"


class Prepared(msgspec.Struct, frozen=True):
    """Jobs with everything checked that can be without storing them. `queue` is where they will wait.

    They are as `first`, with the id and the parameters of one of `each`, and where there are `keys`, with one of these.
    """

    first: NewJob
    each: Sequence[tuple[str, Parameters]]
    queue: str
    how: Start
    grounds: Grounds
    keys: Sequence[str | None] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing can stand in the way of storing them, and nobody but engines is concerned."""
        return self.keys is None and self.how.key is None and self.how.id is None and self.how.parent is None

    @property
    def ids(self) -> list[str]:
        return [job_id for job_id, _ in self.each]

    def jobs(self) -> list[NewJob]:
        """Every job by itself, for those that are not plain."""
        jobs = [replace(self.first, id=job_id, parameters=parameters) for job_id, parameters in self.each]
        return [replace(job, key=key) for job, key in zip(jobs, self.keys, strict=True)] if self.keys else jobs


Ready = TypeVar("Ready")
Result = TypeVar("Result")


class Starter:
    """Starts jobs for one context.

    Preparing asks the code and what is known of the configurations, storing is all that happens in a transaction.
    """

    def __init__(self, context: Context, methods: Methods | None = None) -> None:
        self._context = context
        self._methods = methods or Methods(context)

    def start(
        self, method: str, parameters: Any, how: Start, connection: CallersConnection | None = None
    ) -> BackgroundJob:
        """Start one job; with `on_conflict="skip"`, where its key is taken, returns the holder, if that is one's own.

        When this returns, the job is stored, or with `connection` will be when its transaction is committed. Raises
        `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`, `IdInUse`.
        """
        return self.decide(
            Act.JOB_START,
            lambda known: self.prepare(known, method, [parameters], how),
            lambda prepared: self.store(prepared, connection),
        )

    def start_many(
        self,
        method: str,
        parameters: Sequence[Any],
        how: Start,
        keys_: Sequence[str | None] | None = None,
        connection: CallersConnection | None = None,
    ) -> list[str]:
        """Start a job for each of `parameters`, all or none; returns their ids. `keys_` holds a key for each.

        With `on_conflict="skip"` the id of a key's holder stands for the job that was not started.
        """
        if keys_ is not None and len(keys_) != len(parameters):
            raise UsageError(f"{counted(len(keys_), 'key')} for {counted(len(parameters), 'job')}")
        for key in keys_ or ():
            require_label("key", key)
        if not parameters:
            return []
        return self.decide(
            Act.JOB_START,
            lambda known: replace(self.prepare(known, method, parameters, how), keys=keys_),
            lambda prepared: self._store_many(prepared, connection),
        )

    def decide(self, act: Act, prepare: Callable[[Known], Ready], store: Callable[[Ready], Result]) -> Result:
        """Prepare a start by what is known, and store it if that holds. `act` is what is done."""
        return decide(self._context, self._methods, act, prepare, store)

    def find(self, method: str) -> None:
        """Import a method that may be started. Raises `MethodNotAllowed` or `UnknownMethod`."""
        rights.require(self._context, Act.JOB_START)
        self._methods.recent().find(method)

    def prepare(self, known: Known, method: str, parameters: Sequence[Any], how: Start) -> Prepared:
        """The jobs that a start would store: one for each of `parameters`, alike in everything else."""
        function, home = known.find(method)
        data = [to_data(method, each, function) for each in parameters]
        for each in data:
            bind(function, each, method=method)
        kinds = home.executors_for_methods()
        how.require_sound(kinds, f"methods in configuration {home.name}")
        known.require_fit(method, how.executor, kinds[how.executor])
        now = self._context.now()
        first = NewJob(
            id=how.id or new_id(),
            method=method,
            name=how.name or method.rpartition(":")[2],
            parameters=data[0],
            key=how.key,
            key_scope=method,
            user=self._context.user,
            executor=how.executor,
            priority=how.priority,
            retry=how.retry,
            timeout=how.timeout,
            due_at=how.due(now),
            created_at=now,
            configuration=home.name,
        )
        others = [(new_id(), each) for each in data[1:]]
        grounds = rights.grounds(self._context, Act.JOB_START, known.revisions)
        return Prepared(first, [(first.id, data[0]), *others], home.queue_of(how.executor), how, grounds)

    def store(self, prepared: Prepared, connection: CallersConnection | None = None) -> BackgroundJob:
        """Store one prepared job, or find the one that stands for it."""
        new, how = prepared.first, prepared.how
        if prepared.is_plain:
            self._store_plain(prepared, connection)
            return BackgroundJob.of(new)
        with holding(self._context.store, prepared.grounds, connection) as tx:
            for _ in range(_TRIES):
                found = _same(tx, new, how) if how.id else None
                if found is not None:
                    return found
                if _insert(self._context, tx, [new], prepared):
                    return BackgroundJob.of(new)
                holder = keys.holder(tx, new.key_scope, new.key or "")
                # Between the insert and the look, the holder may have ended: then the key is free.
                if holder is not None and how.on_conflict == "skip" and rights.sees(self._context, tx, holder):
                    return background_jobs.get(tx, holder)
                if holder is not None:
                    raise KeyInUse(new.key or "", holder)
        raise DatabaseUnavailable(_RESTLESS.format(new.key))

    def _store_many(self, prepared: Prepared, connection: CallersConnection | None) -> list[str]:
        if prepared.is_plain:
            self._store_plain(prepared, connection)
            return prepared.ids
        stands_for = {job_id: job_id for job_id in prepared.ids}
        left: Sequence[NewJob] = prepared.jobs()
        with holding(self._context.store, prepared.grounds, connection) as tx:
            for _ in range(_TRIES):
                inserted = _insert(self._context, tx, left, prepared)
                left = [job for job in left if job.id not in inserted]
                holders = keys.holders(tx, prepared.first.key_scope, [job.key or "" for job in left])
                if holders and prepared.how.on_conflict == "error":
                    raise KeyInUse(*next(iter(holders.items())))
                stands_for |= {job.id: holders[job.key] for job in left if job.key in holders}
                left = [job for job in left if job.key not in holders]
                if not left:
                    return list(stands_for.values())
        raise DatabaseUnavailable(_RESTLESS.format(left[0].key))

    def _store_plain(self, prepared: Prepared, connection: CallersConnection | None) -> None:
        store, first, queue = self._context.store, prepared.first, prepared.queue
        act = rights.act_of_start(self._context, first, prepared.ids)
        with store.write_by_driver(rings=queue) if connection is None else enlisted(store, connection) as tx:
            stored = new_jobs.start_jobs(tx, first, prepared.each, queue, act=act, given=prepared.grounds)
        if not stored:
            raise Outdated


def _insert(context: Context, tx: Transaction, jobs: Sequence[NewJob], prepared: Prepared) -> set[str]:
    """Store jobs whose keys are free; with `on_conflict="wait"` all, those with keys in line behind who came before."""
    if prepared.how.on_conflict == "wait":
        jobs = [replace(job, behind=job.key is not None) for job in jobs]
    queues = {job.id: prepared.queue for job in jobs}
    inserted = new_jobs.insert_jobs(tx, jobs, queues, may_exist=prepared.how.id is not None)
    if any(job.behind for job in jobs):
        keys.pass_on(tx)
    stored = [job.id for job in jobs if job.id in inserted]
    if stored and prepared.how.parent is not None:  # the act was to start the parent
        children.adopt(tx, prepared.how.parent, stored)
        wake_dispatchers(tx, [prepared.queue])
    elif stored:
        new_jobs.note_start(tx, rights.act_of_start(context, prepared.first, stored), prepared.queue)
    return inserted


_ARGUMENTS = ("method", "command", "name", "parameters", "key", "user", "executor", "priority")
"""What a start with an id must have in common with the first one."""


def _same(tx: Transaction, new: NewJob, how: Start) -> BackgroundJob | None:
    """The job that an earlier start with this id made, if this one asks for the same."""
    try:
        found = background_jobs.get(tx, new.id)
    except JobNotFound:
        return None
    differs = [name for name in _ARGUMENTS if getattr(found, name) != getattr(new, name)]
    if how.due_at is not None and found.attempt == 0 and found.due_at != new.due_at:
        differs.append("due_at")  # a delay counts from the call, and a restart moves the instant
    if differs:
        raise IdInUse(new.id, differs)
    return found
