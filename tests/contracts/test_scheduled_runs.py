"""A run that is over frees its scheduled job and is remembered, on every database."""

from __future__ import annotations

import pytest

from rota.model.scheduled_job import LastJob
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, scheduled_runs, transitions
from tests.support.stored import (
    NOW,
    SECOND,
    add_node,
    add_scheduled_jobs,
    claim,
    end,
    ending,
    insert,
    look,
    new_job,
    note,
    running,
    scheduled,
)


def test_a_run_that_is_over_frees_its_job_and_is_remembered(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    add_node(store)
    run, other = new_job(scheduled_job=one), new_job(scheduled_job=two)
    insert(store, run, other)
    note(store, [look(one, active_job=run.id), look(two, active_job=other.id)])
    leases = claim(store)
    waits = Next(state=State.WAITING, restarts=1, reason="no", due_at=NOW)
    end(store, *(ending(lease, waits) for lease in leases))
    assert scheduled(store, one).active_job == run.id, "a run that waits for a restart goes on"
    lease = next(lease for lease in claim(store) if lease.attempt.job == run.id)
    end(store, ending(lease, Next(state=State.FAILED, restarts=1, reason="no"), at=NOW + 3 * SECOND))
    job = scheduled(store, one)
    assert job.last_job == LastJob(id=run.id, state="failed", begin_at=NOW, end_at=NOW + 3 * SECOND)
    assert (job.active_job, job.look_at) == (None, NOW + 10 * SECOND)
    assert scheduled(store, two).active_job == other.id


@pytest.mark.parametrize("how", ["on request", "overdue"])
def test_a_run_that_is_cancelled_before_it_begins_frees_its_job(store: Store, how: str) -> None:
    (job_id,) = add_scheduled_jobs(store)
    run = new_job(scheduled_job=job_id, stop_at=NOW)
    insert(store, run)
    note(store, [look(job_id, active_job=run.id)])
    with store.write() as tx:
        if how == "overdue":
            transitions.cancel_overdue(tx, NOW)
        else:
            transitions.request_cancel(tx, run.id, by="ann", grace=None, now=NOW)
    job = scheduled(store, job_id)
    assert job.last_job == LastJob(id=run.id, state="cancelled", begin_at=None, end_at=NOW)
    assert (job.active_job, job.look_at) == (None, NOW + 10 * SECOND)


def test_a_run_that_is_not_the_jobs_run_leaves_it_alone(store: Store) -> None:
    (job_id,) = add_scheduled_jobs(store)
    add_node(store)
    stranger = running(store, scheduled_job=job_id)
    with store.write() as tx:
        scheduled_runs.start_by_hand(tx, job_id, "the run")
        scheduled_runs.start_by_hand(tx, job_id, "a second one")
    end(store, ending(stranger, Next(state=State.COMPLETED, restarts=0)))
    job = scheduled(store, job_id)
    assert (job.active_job, job.last_job) == ("the run", None)
