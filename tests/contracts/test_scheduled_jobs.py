"""Scheduled jobs on every database: how they come, go and change, and how the scheduler takes what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from rota.model.definition import Definition
from rota.model.errors import DatabaseUnavailable, JobNotFound, UsageError, WrongState
from rota.model.scheduled_job import LastJob, Override, ScheduledJob
from rota.model.states import State
from rota.model.timing import Timing
from rota.model.transitions import Next
from rota.store import Store, configurations, scheduled_jobs, scheduled_runs, transitions
from rota.store.looks import Look, note_looks
from rota.store.scheduled_jobs import Missed
from tests.support.stored import (
    NOW,
    SECOND,
    add_definitions,
    add_node,
    add_scheduled_jobs,
    claim,
    end,
    ending,
    insert,
    new_job,
    new_scheduled_job,
    running,
)


def get(store: Store, job_id: str) -> ScheduledJob:
    with store.read() as tx:
        return scheduled_jobs.get(tx, job_id)


def due(store: Store, now: datetime = NOW, limit: int = 100) -> list[str]:
    with store.write() as tx:
        return [job.name for job in scheduled_jobs.due(tx, now, limit)]


def look(job_id: str, **values: Any) -> Look:
    """The decision to look at the job again in ten seconds."""
    facts = {"seen": NOW, "considered": NOW, "next_start": None, "look_at": NOW + 10 * SECOND}
    return Look(**({"id": job_id, "active_job": None, "held": None, "missed": 0} | facts | values))


def note(store: Store, looks: Sequence[Look]) -> None:
    with store.write() as tx:
        note_looks(tx, looks)


# Coming, going and being found


def test_a_scheduled_job_comes_back_as_it_went_in(store: Store) -> None:
    ids = add_definitions(store, "rates")
    timing = Timing(active_since=NOW, considered=NOW - SECOND, next_start=NOW + SECOND, look_at=None)
    new = new_scheduled_job(ids["rates"], name="by-hand", predefined=False, use=False, timing=timing)
    with store.write() as tx:
        scheduled_jobs.create(tx, [new], NOW)
    job = get(store, new.id)
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
    job = get(store, job_id)
    assert job.overrides["key"] == override
    assert type(job.overrides["key"].value) is type(value)
    assert job.overrides["key"].at.utcoffset() == timedelta(0)
    assert job.effective("key") == value
    with store.write() as tx:
        scheduled_jobs.set_overrides(tx, job_id, {})
    assert get(store, job_id).overrides == {}


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
    assert (get(store, one).name, get(store, two).name) == ("two", "one")


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


def test_a_look_is_written(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    first = look(one, next_start=NOW + 5 * SECOND, active_job="run", missed=2)
    note(store, [first, look(two, look_at=None, held="key in use", missed=1)])
    note(store, [])
    job = get(store, one)
    assert (job.considered, job.next_start, job.look_at) == (NOW, NOW + 5 * SECOND, NOW + 10 * SECOND)
    assert (job.active_job, job.held, job.missed) == ("run", None, 2)
    held = get(store, two)
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
            scheduled_jobs.remove(tx, [two])
    with pytest.raises(DatabaseUnavailable, match="changed while a scheduler pass"):
        note(store, [look(one, active_job="would run twice"), look(two, active_job="as well")])
    assert get(store, one).active_job is None
    assert get(store, one).look_at == NOW


def test_a_run_that_is_over_frees_its_job_and_is_remembered(store: Store) -> None:
    one, two = add_scheduled_jobs(store, ["one", "two"])
    add_node(store)
    run, other = new_job(scheduled_job=one), new_job(scheduled_job=two)
    insert(store, run, other)
    note(store, [look(one, active_job=run.id), look(two, active_job=other.id)])
    leases = claim(store)
    waits = Next(state=State.WAITING, restarts=1, reason="no", due_at=NOW)
    end(store, *(ending(lease, waits) for lease in leases))
    assert get(store, one).active_job == run.id, "a run that waits for a restart goes on"
    lease = next(lease for lease in claim(store) if lease.attempt.job == run.id)
    end(store, ending(lease, Next(state=State.FAILED, restarts=1, reason="no"), at=NOW + 3 * SECOND))
    job = get(store, one)
    assert job.last_job == LastJob(id=run.id, state="failed", begin_at=NOW, end_at=NOW + 3 * SECOND)
    assert (job.active_job, job.look_at) == (None, NOW + 10 * SECOND)
    assert get(store, two).active_job == other.id


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
    job = get(store, job_id)
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
    job = get(store, job_id)
    assert (job.active_job, job.last_job) == ("the run", None)


def test_a_job_is_retimed(store: Store) -> None:
    one, two, three = add_scheduled_jobs(store, ["one", "two", "three"])
    note(store, [look(one, held="key in use")])
    timing = Timing(active_since=NOW + SECOND, considered=NOW, next_start=NOW + 2 * SECOND, look_at=NOW + 2 * SECOND)
    off = Timing(active_since=NOW + SECOND, considered=NOW, next_start=None, look_at=None)
    with store.write() as tx:
        scheduled_jobs.retime(tx, {one: (True, timing), two: (False, off)})
        scheduled_jobs.retime(tx, {})
    job = get(store, one)
    assert (
        Timing(active_since=job.active_since, considered=job.considered, next_start=job.next_start, look_at=job.look_at)
        == timing
    )
    assert job.held is None
    assert due(store, NOW + timedelta(days=1)) == ["three", "one"]
    assert get(store, three).active_since == NOW


# What was missed


def missed(job_id: str, **values: Any) -> Missed:
    facts = {"first_start": NOW - SECOND, "last_start": NOW, "count": 3, "reason": "no engine was running", "at": NOW}
    return Missed(**({"scheduled_job": job_id} | facts | values))


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
    assert get(store, one).unresolved == "no module 'm'\N{REPLACEMENT CHARACTER}"
    with store.write() as tx:
        configurations.mark_resolved(tx, [one])
        configurations.mark_resolved(tx, [])
    assert (get(store, one).unresolved, get(store, two).unresolved) == (None, "no function")
    changed = Definition(name="two", method="m:g").properties
    with store.write() as tx:
        configurations.change_definitions(tx, [(get(store, two).definition_id, "two", changed)])
    assert get(store, two).unresolved is None
    assert get(store, two).configured["method"] == "m:g"
