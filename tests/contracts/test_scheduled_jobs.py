"""Scheduled jobs on every database: how they come, go and change, and how the scheduler takes what is due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from rota.model.definition import Definition
from rota.model.errors import JobNotFound, UsageError, WrongState
from rota.model.scheduled_job import Override
from rota.model.states import State
from rota.model.timing import Timing
from rota.model.transitions import Next
from rota.store import Store, configurations, scheduled_jobs, scheduled_runs
from rota.store.scheduled_jobs import Missed
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
    new_scheduled_job,
    note,
    running,
    scheduled,
)

# Coming, going and being found


def test_a_scheduled_job_comes_back_as_it_went_in(store: Store) -> None:
    ids = add_definitions(store, "rates")
    timing = Timing(active_since=NOW, considered=NOW - SECOND, next_start=NOW + SECOND, look_at=None)
    new = new_scheduled_job(ids["rates"], name="by-hand", predefined=False, use=False, timing=timing)
    with store.write() as tx:
        scheduled_jobs.create(tx, [new], NOW)
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
        scheduled_jobs.set_overrides(tx, job_id, {"key": override, "use": Override(value=1, by="bob", at=NOW)})
    job = scheduled(store, job_id)
    assert job.overrides["key"] == override
    assert type(job.overrides["key"].value) is type(value)
    assert job.overrides["key"].at.utcoffset() == timedelta(0)
    assert job.effective("key") == value
    with store.write() as tx:
        scheduled_jobs.set_overrides(tx, job_id, {})
    assert scheduled(store, job_id).overrides == {}


def test_a_name_is_unique_within_its_configuration(store: Store) -> None:
    add_scheduled_jobs(store)
    ids = add_definitions(store, "rates", configuration="bank")
    with store.write() as tx:
        scheduled_jobs.create(tx, [new_scheduled_job(ids["rates"], configuration="bank")], NOW)
    again = new_scheduled_job(ids["rates"], configuration="bank", predefined=False)
    with pytest.raises(WrongState, match="a scheduled job 'rates' in configuration bank already"), store.write() as tx:
        scheduled_jobs.create(tx, [again], NOW)
    with store.read() as tx:
        assert [(job.configuration, job.name) for job in scheduled_jobs.all_jobs(tx)] == [
            ("bank", "rates"),
            ("shop", "rates"),
        ]
        assert [job.configuration for job in scheduled_jobs.of_configuration(tx, "bank")] == ["bank"]


def test_a_job_is_found_by_name_id_or_beginning(store: Store) -> None:
    ids = add_definitions(store, "rates", "prices")
    other = add_definitions(store, "rates", configuration="bank")
    new = [
        new_scheduled_job(ids["rates"], id="abc1"),
        new_scheduled_job(ids["prices"], id="abc2", name="prices"),
        new_scheduled_job(other["rates"], id="xyz", configuration="bank"),
    ]
    with store.write() as tx:
        scheduled_jobs.create(tx, new, NOW)
    with store.read() as tx:
        assert scheduled_jobs.find(tx, "prices").id == "abc2"
        assert scheduled_jobs.find(tx, "bank/rates").id == "xyz"
        assert scheduled_jobs.find(tx, "xy").id == "xyz"
        assert scheduled_jobs.find(tx, "abc1").id == "abc1"
        with pytest.raises(UsageError, match="'rates' means several scheduled jobs: bank/rates, shop/rates"):
            scheduled_jobs.find(tx, "rates")
        with pytest.raises(UsageError, match="shop/prices, shop/rates"):
            scheduled_jobs.find(tx, "abc")
        with pytest.raises(JobNotFound, match="no scheduled job 'price'; did you mean 'prices'"):
            scheduled_jobs.find(tx, "price")
        with pytest.raises(JobNotFound):
            scheduled_jobs.find(tx, "bank/prices")
        with pytest.raises(JobNotFound):
            scheduled_jobs.get(tx, "abc")


def test_jobs_may_exchange_their_names(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    with store.write() as tx:
        scheduled_jobs.rename(tx, {one: "two", two: "one"})
        scheduled_jobs.rename(tx, {})
    assert (scheduled(store, one).name, scheduled(store, two).name) == ("two", "one")


def test_a_job_that_is_removed_takes_its_notes_with_it_and_leaves_its_run(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    add_node(store)
    lease = running(store, scheduled_job=one)
    with store.write() as tx:
        scheduled_runs.start_by_hand(tx, one, lease.attempt.job)
        scheduled_jobs.note_missed(tx, [missed(one), missed(two)])
        scheduled_jobs.remove(tx, [one])
        scheduled_jobs.remove(tx, [])
    with store.read() as tx:
        assert [job.id for job in scheduled_jobs.all_jobs(tx)] == [two]
        assert scheduled_jobs.missed_of(tx, one) == []
        assert len(scheduled_jobs.missed_of(tx, two)) == 1
    assert end(store, ending(lease, Next(state=State.COMPLETED, restarts=0))) == [lease.sequence]


# The scheduler's part


def test_what_is_due_is_looked_at_longest_waiting_first(store: Store) -> None:
    ids = add_definitions(store, "d")

    def made(name: str, look_at: datetime | None, *, use: bool = True) -> scheduled_jobs.NewScheduledJob:
        timing = Timing(active_since=NOW, considered=NOW, next_start=None, look_at=look_at)
        return new_scheduled_job(ids["d"], name=name, predefined=False, use=use, timing=timing)

    with store.write() as tx:
        new = [
            made("second", NOW),
            made("first", NOW - timedelta(microseconds=1)),
            made("later", NOW + timedelta(microseconds=1)),
            made("never", None),
            made("off", NOW - SECOND, use=False),
        ]
        scheduled_jobs.create(tx, new, NOW)
    assert due(store) == ["first", "second"]
    assert due(store, limit=1) == ["first"]
    with store.write() as tx:
        assert scheduled_jobs.next_look(tx) == NOW - timedelta(microseconds=1)
        scheduled_runs.start_by_hand(tx, new[1].id, "some run")
        scheduled_runs.start_by_hand(tx, new[0].id, "some run")
        assert scheduled_jobs.next_look(tx) == NOW + timedelta(microseconds=1)
    assert due(store, NOW + SECOND) == ["later"]


def test_a_job_is_retimed(store: Store) -> None:
    one, two, three = add_scheduled_jobs(store, ["one", "two", "three"])
    note(store, [look(one, held="key in use")])
    timing = Timing(active_since=NOW + SECOND, considered=NOW, next_start=NOW + 2 * SECOND, look_at=NOW + 2 * SECOND)
    off = Timing(active_since=NOW + SECOND, considered=NOW, next_start=None, look_at=None)
    with store.write() as tx:
        scheduled_jobs.retime(tx, {one: (True, timing), two: (False, off)})
        scheduled_jobs.retime(tx, {})
    job = scheduled(store, one)
    assert (
        Timing(active_since=job.active_since, considered=job.considered, next_start=job.next_start, look_at=job.look_at)
        == timing
    )
    assert job.held is None
    assert due(store, NOW + timedelta(days=1)) == ["three", "one"]
    assert scheduled(store, three).active_since == NOW


# What was missed


def missed(job_id: str, **values: Any) -> Missed:
    facts = {"first_start": NOW - SECOND, "last_start": NOW, "count": 3, "reason": "no engine was running", "at": NOW}
    return Missed(**{"scheduled_job": job_id, **facts, **values})


def test_notes_of_what_was_missed_come_back_newest_first_and_are_forgotten(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    notes = [missed(one, count=n, at=NOW + n * SECOND) for n in range(4)]
    with store.write() as tx:
        scheduled_jobs.note_missed(tx, [*notes, missed(two)])
        scheduled_jobs.note_missed(tx, [])
    with store.read() as tx:
        assert scheduled_jobs.missed_of(tx, one) == notes[::-1]
        assert scheduled_jobs.missed_of(tx, one, limit=2) == [notes[3], notes[2]]
    with store.write() as tx:
        assert scheduled_jobs.forget_missed_before(tx, NOW + 2 * SECOND) == 3
        assert scheduled_jobs.missed_of(tx, one) == [notes[3], notes[2]]
        assert scheduled_jobs.missed_of(tx, two) == []


# Methods that do not resolve


def test_a_method_that_does_not_resolve_is_marked_until_it_runs_or_is_changed(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    with store.write() as tx:
        configurations.mark_unresolved(tx, {one: "no module 'm'\0", two: "no function"})
        configurations.mark_unresolved(tx, {})
    assert scheduled(store, one).unresolved == "no module 'm'\N{REPLACEMENT CHARACTER}"
    with store.write() as tx:
        configurations.mark_resolved(tx, [one])
        configurations.mark_resolved(tx, [])
    assert (scheduled(store, one).unresolved, scheduled(store, two).unresolved) == (None, "no function")
    changed = Definition(name="two", method="m:g").properties
    with store.write() as tx:
        configurations.change_definitions(tx, [(scheduled(store, two).definition_id, "two", changed)])
    assert scheduled(store, two).unresolved is None
    assert scheduled(store, two).configured["method"] == "m:g"
