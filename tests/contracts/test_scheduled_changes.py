"""How scheduled jobs come, go and change, on every database."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from rota.model.definition import Definition
from rota.model.errors import WrongState
from rota.model.scheduled_job import Override
from rota.model.states import State
from rota.model.timing import Timing
from rota.model.transitions import Next
from rota.store import Store, missed_notes, scheduled_changes, scheduled_jobs, scheduled_runs
from tests.support.stored import (
    NOW,
    SECOND,
    add_definitions,
    add_node,
    add_scheduled_jobs,
    due,
    end,
    ending,
    look,
    missed,
    new_scheduled_job,
    note,
    running,
    scheduled,
)


def test_a_scheduled_job_comes_back_as_it_went_in(store: Store) -> None:
    ids = add_definitions(store, "rates")
    timing = Timing(active_since=NOW, considered=NOW - SECOND, next_start=NOW + SECOND, look_at=None)
    new = new_scheduled_job(ids["rates"], name="by-hand", predefined=False, use=False, timing=timing)
    with store.write() as tx:
        scheduled_changes.create(tx, [new], NOW)
    job = scheduled(store, new.id)
    assert (job.name, job.definition, job.definition_id) == ("by-hand", "rates", ids["rates"])
    assert (job.configuration, job.predefined, job.created_at) == ("shop", False, NOW)
    assert (job.active_since, job.considered) == (timing.active_since, timing.considered)
    assert (job.next_start, job.look_at) == (timing.next_start, timing.look_at)
    assert (job.active_job, job.last_job, job.held, job.missed, job.unresolved) == (None, None, None, 0, None)
    assert job.configured == Definition(name="rates", method="m:f").properties
    assert job.overrides == {}


@pytest.mark.parametrize(
    "value", [None, True, False, 0, -3, 2**53 + 1, 0.1, 1e300, "", "ä \0 '\"\\", [], [1, [None]], {}, {"a": {"b": []}}]
)
def test_an_override_of_any_kind_comes_back(store: Store, value: Any) -> None:
    (job_id,) = add_scheduled_jobs(store)
    at = datetime(2026, 5, 4, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=5)))
    override = Override(value=value, by="ann", at=at, reason="why not")
    with store.write() as tx:
        scheduled_changes.set_overrides(tx, job_id, {"key": override, "use": Override(value=1, by="bob", at=NOW)})
    job = scheduled(store, job_id)
    assert job.overrides["key"] == override
    assert type(job.overrides["key"].value) is type(value)
    assert job.overrides["key"].at.utcoffset() == timedelta(0)
    assert job.effective("key") == value
    with store.write() as tx:
        scheduled_changes.set_overrides(tx, job_id, {})
    assert scheduled(store, job_id).overrides == {}


def test_a_name_is_unique_within_its_configuration(store: Store) -> None:
    add_scheduled_jobs(store)
    ids = add_definitions(store, "rates", configuration="bank")
    with store.write() as tx:
        scheduled_changes.create(tx, [new_scheduled_job(ids["rates"], configuration="bank")], NOW)
    again = new_scheduled_job(ids["rates"], configuration="bank", predefined=False)
    with pytest.raises(WrongState, match="a scheduled job 'rates' in configuration bank already"), store.write() as tx:
        scheduled_changes.create(tx, [again], NOW)
    with store.read() as tx:
        assert [(job.configuration, job.name) for job in scheduled_jobs.all_jobs(tx)] == [
            ("bank", "rates"),
            ("shop", "rates"),
        ]
        assert [job.configuration for job in scheduled_jobs.of_configuration(tx, "bank")] == ["bank"]


def test_jobs_may_exchange_their_names(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    with store.write() as tx:
        scheduled_changes.rename(tx, {one: "two", two: "one"})
        scheduled_changes.rename(tx, {})
    assert (scheduled(store, one).name, scheduled(store, two).name) == ("two", "one")


def test_a_job_that_is_removed_takes_its_notes_with_it_and_leaves_its_run(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    add_node(store)
    lease = running(store, scheduled_job=one)
    with store.write() as tx:
        scheduled_runs.start_by_hand(tx, one, lease.attempt.job)
        missed_notes.add(tx, [missed(one), missed(two)])
        scheduled_changes.remove(tx, [one])
        scheduled_changes.remove(tx, [])
    with store.read() as tx:
        assert [job.id for job in scheduled_jobs.all_jobs(tx)] == [two]
        assert missed_notes.newest(tx, one) == []
        assert len(missed_notes.newest(tx, two)) == 1
    assert end(store, ending(lease, Next(state=State.COMPLETED, restarts=0))) == [lease.sequence]


def test_a_job_is_retimed(store: Store) -> None:
    one, two, three = add_scheduled_jobs(store, ["one", "two", "three"])
    note(store, [look(one, held="key in use")])
    timing = Timing(active_since=NOW + SECOND, considered=NOW, next_start=NOW + 2 * SECOND, look_at=NOW + 2 * SECOND)
    off = Timing(active_since=NOW + SECOND, considered=NOW, next_start=None, look_at=None)
    with store.write() as tx:
        scheduled_changes.retime(tx, {one: (True, timing), two: (False, off)})
        scheduled_changes.retime(tx, {})
    job = scheduled(store, one)
    assert (
        Timing(active_since=job.active_since, considered=job.considered, next_start=job.next_start, look_at=job.look_at)
        == timing
    )
    assert job.held is None
    assert due(store, NOW + timedelta(days=1)) == ["three", "one"]
    assert scheduled(store, three).active_since == NOW
