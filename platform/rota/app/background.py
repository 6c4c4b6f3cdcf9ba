"""What can be done with background jobs once they are started: look, wait, cancel. Every interface calls these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rota.app.context import Context
from rota.model.background_job import BackgroundJob
from rota.model.errors import JobNotFound
from rota.model.record import Record
from rota.model.states import FINISHED, State
from rota.store import audit, background_jobs, records, transitions
from rota.store.background_jobs import Filter
from rota.store.wakeups import wake_engines, wakeups_of

ENGINE_CHECK_SECONDS = 1.0
"""How often somebody who waits makes sure that an engine is there."""


@dataclass(frozen=True, slots=True)
class Waited:
    """What a wait found: the jobs that are finished, those that are not, and whether time ran out."""

    done: tuple[BackgroundJob, ...]
    pending: tuple[BackgroundJob, ...]
    timed_out: bool


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


__all__ = ["Filter", "Waited", "cancel", "get", "output", "select", "wait"]
