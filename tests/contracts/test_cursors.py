"""How far consumers have received a job's records, on every database."""

from __future__ import annotations

from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, cursors, records, retention
from tests.support.stored import add_node, emit, end, ending, running


def test_a_place_moves_forward_only_and_goes_with_its_job(store: Store) -> None:
    add_node(store)
    lease = running(store)
    emit(store, lease, 1, 2, 3)
    job = lease.attempt.job
    with store.write() as tx:
        assert cursors.unread(tx, "ann", [job]) == {job}
        for number in (2, 1, 2):
            cursors.advance(tx, lease.sequence, "ann", "", number)
        assert cursors.position(tx, lease.sequence, "ann") == 2
        assert cursors.unread(tx, "ann", [job]) == {job}
        cursors.advance(tx, lease.sequence, "ann", "", 3)
        cursors.advance(tx, lease.sequence, "ann", "stdout", 1)
        assert cursors.unread(tx, "ann", [job]) == set()
        assert cursors.unread(tx, "bob", [job]) == {job}
        cursors.advance(tx, lease.sequence + 1, "ann", "", 3)
        assert cursors.position(tx, lease.sequence + 1, "ann") == 0, "there is no such job"
    end(store, ending(lease, Next(state=State.COMPLETED, restarts=0)))
    with store.write() as tx:
        retention.remove(tx, job)
        assert cursors.position(tx, lease.sequence, "ann") == 0
        assert records.has_ended(tx, lease.sequence)
