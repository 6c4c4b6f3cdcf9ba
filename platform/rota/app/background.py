"""What can be done with background jobs once they are started: look, cancel. Every interface calls these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from rota.app import rights
from rota.app.arguments import require_seconds
from rota.app.context import Context
from rota.model.acts import Act
from rota.model.background_job import BackgroundJob
from rota.model.errors import JobNotFound
from rota.model.record import Record
from rota.model.states import State
from rota.store import Transaction, background_jobs, children, cursors, records, transitions
from rota.store.background_jobs import Filter
from rota.store.wakeups import wake_engines, wake_waiters


def get(context: Context, selector: str) -> BackgroundJob:
    """The job that `selector` stands for: an id, an unambiguous prefix, or the newest of that name."""
    with context.store.read() as tx:
        return _seen_by(context, tx, [background_jobs.get(tx, rights.find_job(context, tx, selector))])[0]


def get_all(context: Context, ids: Sequence[str]) -> list[BackgroundJob]:
    """The jobs of these ids, in this order. Raises `JobNotFound`."""
    with context.store.read() as tx:
        rights.require_jobs(context, tx, ids)
        return _seen_by(context, tx, [background_jobs.get(tx, job) for job in ids])


def resolve(context: Context, selectors: Sequence[str], states: Sequence[State] = ()) -> list[str]:
    """The ids that selectors stand for, each once: an id, a prefix, a name (its newest job), a name with `*` (all).

    With `states` only jobs in those states, and without selectors all of them. Raises `JobNotFound` for a selector
    without a job, unless it holds a `*`.
    """
    ids: list[str] = []
    with context.store.read() as tx:
        for selector in selectors:
            ids += _all_of(context, tx, selector) if "*" in selector else [rights.find_job(context, tx, selector)]
        if states:
            user = rights.sees_only(context, tx)
            chosen = Filter(states=tuple(states), children=bool(selectors), user=user, newest=None)
            there = [job.id for job in reversed(background_jobs.select_jobs(tx, chosen))]
            ids = [job for job in there if job in set(ids)] if selectors else there
    return list(dict.fromkeys(ids))


def _all_of(context: Context, tx: Transaction, name: str) -> list[str]:
    wanted = Filter(name=name, user=rights.sees_only(context, tx), newest=None)
    return [job.id for job in reversed(background_jobs.select_jobs(tx, wanted))]


def output(context: Context, job: str, after: int = 0) -> list[Record]:
    """The records of a job, by id, from number `after` + 1 on."""
    with context.store.read() as tx:
        rights.require_jobs(context, tx, [job], Act.JOB_RECEIVE)
        return records.of_job(tx, job, after=after)


def select(context: Context, wanted: Filter) -> list[BackgroundJob]:
    """The matching jobs, newest first."""
    with context.store.read() as tx:
        mine = structs.replace(wanted, user=rights.sees_only(context, tx) or wanted.user)
        return _seen_by(context, tx, background_jobs.select_jobs(tx, mine))


def _seen_by(context: Context, tx: Transaction, jobs: Sequence[BackgroundJob]) -> list[BackgroundJob]:
    """The jobs with what depends on others: their children, and who looks."""
    ids = [job.id for job in jobs]
    unread, counts = cursors.unread(tx, context.user, ids), children.counts(tx, ids)
    return [structs.replace(job, unread=job.id in unread, children=counts.get(job.id)) for job in jobs]


def cancel(context: Context, selector: str, grace: float | None = None) -> State:
    """Ask for a job to be cancelled; returns its state after that. Twice is no error, a finished job stays as it is.

    Its children are cancelled with it. `grace` is how many seconds a running job may take before it is ended by force.
    """
    require_seconds("grace", grace)
    with context.store.write() as tx:
        job = rights.find_job(context, tx, selector, Act.JOB_CANCEL)
        is_over = background_jobs.get(tx, job).finished
        state = transitions.request_cancel(tx, job, by=context.user, grace=grace, now=context.now())
        if state is None:
            raise JobNotFound("background job", selector)
        if state not in {State.COMPLETED, State.FAILED}:
            state = _cancel_children(tx, job, state, grace, context.now())
        if not is_over:  # nothing was done, so it is no act
            rights.note(context, tx, Act.JOB_CANCEL, job, facts={"state": state, "grace": grace})
        wake_engines(tx)
        wake_waiters(tx)
    return state


def _cancel_children(tx: Transaction, job: str, state: State, grace: float | None, now: datetime) -> State:
    """Cancel the children of a job that was just cancelled; returns its state then: a map may have ended with them."""
    gone = [records.locate(tx, job)[0], *children.cancel_children(tx, job, grace=grace, now=now)]
    ended = children.note_ends(tx, gone, now)
    records.append(tx, *children.errors_of(ended))
    return next((each.state for each in ended if each.job == job), state)


__all__ = ["Filter", "cancel", "get", "get_all", "output", "resolve", "select"]
