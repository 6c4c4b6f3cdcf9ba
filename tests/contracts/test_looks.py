"""What a scheduler pass decided is written as a whole, or not at all, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.model.errors import DatabaseUnavailable
from rota.store import Store, scheduled_changes, scheduled_runs
from tests.support.stored import NOW, SECOND, add_scheduled_jobs, due, look, note, scheduled


def test_a_look_is_written(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    first = look(one, next_start=NOW + 5 * SECOND, active_job="run", missed=2)
    note(store, [first, look(two, look_at=None, held="key in use", missed=1)])
    note(store, [])
    job = scheduled(store, one)
    assert (job.considered, job.next_start, job.look_at) == (NOW, NOW + 5 * SECOND, NOW + 10 * SECOND)
    assert (job.active_job, job.held, job.missed) == ("run", None, 2)
    held = scheduled(store, two)
    assert (held.look_at, held.held, held.missed) == (None, "key in use", 1)
    assert due(store, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize("moved", ["looked at", "started", "removed"])
def test_nothing_of_a_pass_stands_where_a_job_moved_on(store: Store, moved: str) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    if moved == "looked at":
        note(store, [look(two, look_at=NOW + SECOND)])
    with store.write() as tx:
        if moved == "started":
            scheduled_runs.start_by_hand(tx, two, "run")
        if moved == "removed":
            scheduled_changes.remove(tx, [two])
    with pytest.raises(DatabaseUnavailable, match="changed while a scheduler pass"):
        note(store, [look(one, active_job="would run twice"), look(two, active_job="as well")])
    assert scheduled(store, one).active_job is None
    assert scheduled(store, one).look_at == NOW
