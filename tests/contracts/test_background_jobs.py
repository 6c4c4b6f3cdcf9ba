"""How background jobs are found, on every database."""

from __future__ import annotations

import pytest

from rota.model.errors import JobNotFound, UsageError
from rota.model.states import State
from rota.store import Store, background_jobs, children, cursors, outlook
from rota.store.background_jobs import Filter
from tests.support.stored import (
    add_node,
    claim,
    completed,
    insert,
    new_job,
    stored,
)


def test_a_job_is_found_by_id_beginning_and_name(store: Store) -> None:
    old, new = new_job(id="abc1", name="rates"), new_job(id="abd2", name="rates")
    insert(store, old)
    insert(store, new, new_job(id="abc", name="other"))
    with store.read() as tx:
        assert background_jobs.find_id(tx, "abc1") == "abc1"
        assert background_jobs.find_id(tx, "abd") == "abd2"
        assert background_jobs.find_id(tx, "rates") == "abd2"
        assert background_jobs.find_id(tx, "abc") == "abc"
        with pytest.raises(UsageError, match="'ab' is the beginning of several"):
            background_jobs.find_id(tx, "ab")
        for nothing in ("nobody", "a%", "_bc1"):
            with pytest.raises(JobNotFound):
                background_jobs.find_id(tx, nothing)
        with pytest.raises(JobNotFound):
            background_jobs.get(tx, "abd")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(), ["100%_b", "ra*es", "rates-2", "rates"]),
        (Filter(newest=2), ["100%_b", "ra*es"]),
        (Filter(name="rates"), ["rates"]),
        (Filter(name="rates*"), ["rates-2", "rates"]),
        (Filter(name="100%*"), ["100%_b"]),
        (Filter(name="r_tes"), []),
        (Filter(method="m:g"), ["rates-2"]),
        (Filter(key="k"), ["ra*es"]),
        (Filter(scheduled_job="s"), ["rates"]),
        (Filter(states=(State.RUNNING, State.COMPLETED)), []),
        (Filter(states=(State.QUEUED,), name="*2"), ["rates-2"]),
    ],
)
def test_jobs_are_listed_newest_first_by_every_condition(store: Store, wanted: Filter, names: list[str]) -> None:
    insert(store, new_job(name="rates", scheduled_job="s"))
    insert(store, new_job(name="rates-2", method="m:g"))
    insert(store, new_job(name="ra*es", key="k"))
    insert(store, new_job(name="100%_b"))
    with store.read() as tx:
        assert [job.name for job in background_jobs.select_jobs(tx, wanted)] == names


def test_states_are_counted_and_looked_up(store: Store) -> None:
    add_node(store)
    done = completed(store)
    insert(store, one := new_job(), two := new_job())
    with store.read() as tx:
        assert background_jobs.count_by_state(tx) == {"queued": 2, "completed": 1}
        assert background_jobs.states(tx, [done, one.id, "unknown"]) == {done: State.COMPLETED, one.id: State.QUEUED}
        assert background_jobs.states(tx, []) == {}
        assert outlook.unfinished(tx)
    claim(store)
    for job in (one, two):
        assert stored(store, job.id).state is State.RUNNING
    with store.read() as tx:
        assert outlook.unfinished(tx)


def test_more_jobs_than_a_statement_has_room_for_are_looked_up(store: Store) -> None:
    one = new_job()
    insert(store, one)
    ids = [*(f"unknown-{number}" for number in range(40_000)), one.id]
    with store.read() as tx:
        assert background_jobs.states(tx, ids) == {one.id: State.QUEUED}
        assert cursors.unread(tx, "ann", ids) == set()
        assert children.counts(tx, ids) == {}
