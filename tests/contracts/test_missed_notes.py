"""Notes of missed occurrences on every database: they come back, and are forgotten."""

from __future__ import annotations

from rota.store import Store, missed_notes
from tests.support.stored import NOW, SECOND, add_scheduled_jobs, missed


def test_notes_of_what_was_missed_come_back_newest_first_and_are_forgotten(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    notes = [missed(one, count=n, at=NOW + n * SECOND) for n in range(4)]
    with store.write() as tx:
        missed_notes.add(tx, [*notes, missed(two)])
        missed_notes.add(tx, [])
    with store.read() as tx:
        assert missed_notes.newest(tx, one) == notes[::-1]
        assert missed_notes.newest(tx, one, limit=2) == [notes[3], notes[2]]
    with store.write() as tx:
        assert missed_notes.forget_before(tx, NOW + 2 * SECOND) == 3
        assert missed_notes.newest(tx, one) == [notes[3], notes[2]]
        assert missed_notes.newest(tx, two) == []
