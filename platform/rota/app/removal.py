"""Removing background jobs with everything that is kept of them. Every interface removes here."""

from __future__ import annotations

from rota.app import background, rights
from rota.app.context import Context
from rota.app.waiting import wait
from rota.model.acts import Act
from rota.model.errors import WrongState
from rota.store.retention import active_in_family, remove


def remove_job(context: Context, selector: str, *, force: bool = False, timeout: float | None = None) -> str:
    """Remove a finished job, its children and their records; returns its id.

    With `force` a job that is not finished is cancelled first, and its end waited for, `timeout` seconds at most.
    Raises `JobNotFound`, and `WrongState` for a job that is not finished, or that is the child of another.
    """
    with context.store.read() as tx:
        job = rights.find_job(context, tx, selector, Act.JOB_REMOVE)
        active = active_in_family(tx, job)
    if active and force:
        background.cancel(context, job)
        wait(context, active, timeout=timeout)
    with context.store.write() as tx:
        left = active_in_family(tx, job)
        if left:
            raise WrongState(
                f"background job {job} has not ended, or a child of it has not; cancel it first, or remove it by force"
            )
        remove(tx, job)
        rights.note(context, tx, Act.JOB_REMOVE, job)
    return job
