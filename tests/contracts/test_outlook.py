"""What a pass asks of the background jobs before it acts, on every database."""

from __future__ import annotations

from rota.store import Store, nodes, outlook, transitions
from tests.support.stored import NOW, SECOND, add_node, completed, insert, new_job, running


def test_an_idle_database_has_nothing_unfinished(store: Store) -> None:
    add_node(store)
    completed(store)
    with store.read() as tx:
        assert not outlook.unfinished(tx)
        assert outlook.next_due(tx) is None
        assert outlook.next_overdue(tx) is None


def test_the_next_due_instants_are_known(store: Store) -> None:
    add_node(store)
    running(store, due_at=NOW - 5 * SECOND, stop_at=NOW)
    insert(store, new_job(due_at=NOW + SECOND, stop_at=NOW + 9 * SECOND), new_job(due_at=NOW + 2 * SECOND))
    with store.read() as tx:
        assert outlook.next_due(tx) == NOW + SECOND
        assert outlook.next_overdue(tx) == NOW + 9 * SECOND
    insert(store, new_job(due_at=NOW - SECOND))
    with store.read() as tx:
        assert outlook.next_due(tx) == NOW - SECOND
        assert outlook.next_due(tx, after=NOW) == NOW + SECOND
        assert outlook.next_due(tx, after=NOW + 2 * SECOND) is None


def test_the_runs_of_nodes_that_ended_are_orphans(store: Store) -> None:
    for name in ("alive", "lost", "stopped", "forgotten"):
        add_node(store, name)
    leases = {name: running(store, name) for name in ("alive", "lost", "stopped", "forgotten")}
    with store.write() as tx:
        assert not outlook.has_orphans(tx)
        assert outlook.orphans(tx) == []
    with store.write() as tx:
        transitions.request_cancel(tx, leases["stopped"].attempt.job, by="ann", grace=None, now=NOW)
        assert nodes.declare_lost(tx, "lost", 0, NOW)
        nodes.end(tx, "stopped", NOW)
        nodes.end(tx, "forgotten", NOW)
        nodes.forget_before(tx, NOW + SECOND)
    with store.write() as tx:
        assert outlook.has_orphans(tx)
        found = outlook.orphans(tx)
    assert [(o.node, o.lease, o.cancel_requested) for o in found] == [
        ("forgotten", leases["forgotten"], False),
        ("lost", leases["lost"], False),
        ("stopped", leases["stopped"], True),
    ]
