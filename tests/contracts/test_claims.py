"""How background jobs are claimed, on every database."""

from __future__ import annotations

from datetime import timedelta

from rota.model.states import State
from rota.store import Store, nodes
from tests.support.stored import NOW, SECOND, add_node, claim, completed, insert, new_job, running, stored


def test_claims_go_by_priority_then_due_then_age(store: Store) -> None:
    add_node(store)
    jobs = {
        "fourth": new_job(),
        "third": new_job(due_at=NOW - SECOND),
        "first": new_job(priority=2),
        "second": new_job(priority=1, due_at=NOW - 5 * SECOND),
        "fifth": new_job(),
        "last": new_job(priority=-1, due_at=NOW - 9 * SECOND),
        "not due": new_job(priority=9, due_at=NOW + SECOND),
    }
    insert(store, *jobs.values())
    names = {job.id: name for name, job in jobs.items()}
    order = ["first", "second", "third", "fourth", "fifth", "last"]
    assert [names[lease.attempt.job] for lease in claim(store, limit=4)] == order[:4]
    assert [names[lease.attempt.job] for lease in claim(store)] == order[4:]
    assert claim(store) == []


def test_a_claim_takes_from_its_own_pool_only(store: Store) -> None:
    add_node(store)
    insert(store, new_job(), queue="thread")
    assert claim(store, queue="process") == []
    assert len(claim(store, queue="thread")) == 1


def test_a_claim_is_a_lease(store: Store) -> None:
    add_node(store, "a")
    lease = running(store, "a", timeout=1.0)
    job = stored(store, lease.attempt.job)
    assert (job.state, job.attempt, job.location, job.begin_at) == (State.RUNNING, 1, "a", NOW)
    assert (lease.attempt.number, lease.begin_at, lease.claimed_at, lease.restarts) == (1, NOW, NOW, 0)


def test_a_node_that_ended_claims_nothing(store: Store) -> None:
    insert(store, new_job())
    add_node(store, "lost")
    add_node(store, "stopped")
    with store.write() as tx:
        assert nodes.declare_lost(tx, "lost", 0, NOW)
        nodes.end(tx, "stopped", NOW)
    assert claim(store, "lost") == []
    assert claim(store, "stopped") == []
    assert claim(store, "never registered") == []
    add_node(store, "a")
    assert len(claim(store, "a")) == 1


def test_a_finished_job_is_never_claimed(store: Store) -> None:
    add_node(store)
    completed(store)
    assert claim(store, now=NOW + timedelta(days=1)) == []
