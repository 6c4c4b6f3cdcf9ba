"""How background jobs come in, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from rota.model.acts import Act, Audited
from rota.model.command import Command
from rota.model.definition import Configuration, ExecutorSpec
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.store import Store, audit, background_jobs, configurations, keys, new_jobs, transitions
from rota.store.audit import AuditFilter
from rota.store.background_jobs import Filter
from rota.store.wakeups import Channel, Word, engine_wakeups_of
from tests.support.statements import statements
from tests.support.stored import (
    GROUNDS,
    NOW,
    SECOND,
    add_definitions,
    add_node,
    claim,
    insert,
    new_job,
    stored,
)
from tests.support.waiting import wait_for


def test_a_start_stores_jobs_and_act_and_wakes_engines_with_one_statement_where_that_is_possible(store: Store) -> None:
    wakeups = engine_wakeups_of(store)
    while wakeups.wait():
        pass  # what happened before is unknown
    jobs = [new_job(parameters={"n": n}) for n in range(3)]
    act = Audited(at=NOW, user="ann", act=Act.JOB_START, subject=jobs[0].id, facts={"count": 3})
    each = [(job.id, job.parameters) for job in jobs]
    with statements(store) as seen, store.write_by_driver(rings="shop/crawl") as tx:
        new_jobs.start_jobs(tx, jobs[0], each, "shop/crawl", act=act, given=GROUNDS)
    assert len(seen) == (3 if store.is_sqlite else 1)
    assert wait_for(wakeups.wait) == {Word(Channel.QUEUES, "shop/crawl")}
    wakeups.close()
    with store.read() as tx:
        assert audit.select_acts(tx, AuditFilter()) == [act]
        found = background_jobs.select_jobs(tx, Filter())
    assert [(each.id, each.parameters, each.executor) for each in reversed(found)] == [
        (each.id, each.parameters, "crawl") for each in jobs
    ]


def test_a_job_comes_back_as_it_went_in(store: Store) -> None:
    retry = RetryPolicy(count=3, interval=1.5, backoff=2.0, max_interval=60, on_timeout=False)
    job = new_job(
        name="rates",
        parameters={"currencies": ["USD", "€"], "deep": [None, True, 0.1, 2**60, {"a": []}]},
        key="k",
        key_scope="m:f",
        priority=7,
        retry=retry,
        timeout=2.5,
        configuration="shop",
        definition="rates",
        scheduled_job="s",
        nominal_start=NOW - SECOND,
        stop_at=NOW + SECOND,
        completion_interval=30.0,
    )
    assert insert(store, job, queue="shop/crawl") == {job.id}
    found = stored(store, job.id)
    assert (found.method, found.command, found.name, found.parameters) == ("m:f", None, "rates", job.parameters)
    assert (found.key, found.priority, found.executor, found.state) == ("k", 7, "crawl", State.QUEUED)
    assert (found.scheduled_job, found.definition, found.nominal_start) == ("s", "rates", NOW - SECOND)
    assert (found.attempt, found.begin_at, found.end_at, found.location, found.attempts) == (0, None, None, None, ())
    add_node(store)
    (lease,) = claim(store, queue="shop/crawl")
    assert (lease.retry, lease.timeout, lease.stop_at, lease.completion_interval) == (retry, 2.5, NOW + SECOND, 30.0)
    assert lease.attempt.parameters == job.parameters
    assert lease.configuration == "shop"


def test_a_command_comes_back_as_it_went_in(store: Store) -> None:
    command = Command(
        argv=("pg_dump", "--file=x y"), environment={"A": "ä"}, working_directory="/srv", ok_exit_codes=(0, 3)
    )
    job = new_job(method=None, command=command)
    insert(store, job)
    add_node(store)
    (lease,) = claim(store)
    assert lease.attempt.command == stored(store, job.id).command == command
    assert lease.attempt.method is None


@pytest.mark.parametrize("parameters", [None, [], {}, [1, "a"], {"x": "\0 \N{SNOWMAN} '\"\\%"}])
def test_parameters_of_every_kind_come_back(store: Store, parameters: Any) -> None:
    job = new_job(parameters=parameters)
    insert(store, job)
    assert stored(store, job.id).parameters == parameters


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 5, 4, 12, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 5, 4, 12, 0, 0, 999_999, tzinfo=UTC),
        datetime(2026, 5, 4, 23, 30, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_instants_come_back_in_utc_to_the_microsecond(store: Store, instant: datetime) -> None:
    job = new_job(due_at=instant)
    insert(store, job)
    found = stored(store, job.id).due_at
    assert found == instant
    assert found.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="an instant needs a time zone"):
        insert(store, new_job(due_at=datetime(2026, 5, 4)))  # noqa: DTZ001 -- the very thing refused


def test_instants_are_compared_as_instants(store: Store) -> None:
    add_node(store)
    east, west = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
    due = new_job(due_at=NOW.astimezone(east))
    early = new_job(due_at=(NOW + timedelta(microseconds=1)).astimezone(west))
    insert(store, due, early)
    assert [lease.attempt.job for lease in claim(store)] == [due.id]


def test_a_job_is_a_method_or_a_command(store: Store) -> None:
    for wrong in (new_job(command=Command(argv=("ls",))), new_job(method=None)):
        with pytest.raises(IntegrityError):
            insert(store, wrong)


def test_an_id_that_exists_never_makes_a_second_job(store: Store) -> None:
    job = new_job(name="first")
    insert(store, job)
    assert insert(store, new_job(id=job.id, name="second", key="k")) == set()
    with pytest.raises(IntegrityError):
        insert(store, new_job(id=job.id, name="third"))
    assert stored(store, job.id).name == "first"


def test_a_key_is_held_until_its_job_is_over(store: Store) -> None:
    add_node(store)
    first = new_job(key="k", key_scope="m:f")
    assert insert(store, first)
    for _ in ("queued", "running"):
        second = new_job(key="k", key_scope="m:f")
        assert insert(store, second) == set()
        with store.read() as tx:
            assert keys.holder(tx, "m:f", "k") == first.id
        claim(store)
    insert(store, other := new_job(key="k", key_scope="other"))
    with store.write() as tx:
        transitions.request_cancel(tx, other.id, by="x", grace=None, now=NOW)
    with store.read() as tx:
        assert keys.holder(tx, "other", "k") is None
        assert keys.holder(tx, "m:f", "k") == first.id


def test_keys_are_unique_within_their_scope_only(store: Store) -> None:
    jobs = [new_job(key="k", key_scope="m:f"), new_job(key="k", key_scope="m:g"), new_job(key="l", key_scope="m:f")]
    assert insert(store, *jobs, new_job(key=None), new_job(key=None)) >= {job.id for job in jobs}


def test_of_one_batch_with_one_key_the_first_is_inserted(store: Store) -> None:
    first, second, other = new_job(key="k"), new_job(key="k"), new_job(key="l")
    assert insert(store, first, second, other) == {first.id, other.id}


def test_a_character_that_a_database_cannot_hold_is_replaced(store: Store) -> None:
    job = new_job(name="a\0b", parameters={"text": "a\0b"})
    insert(store, job)
    assert (stored(store, job.id).name, stored(store, job.id).parameters) == ("a\ufffdb", {"text": "a\0b"})


def test_a_job_waits_in_the_queue_of_its_configurations_executor(store: Store) -> None:
    add_definitions(store, "a")
    mine = new_job(executor="crawl", configuration="shop")
    jobs = [mine, new_job(executor="process", configuration="shop"), new_job(executor="crawl", configuration=None)]
    executors = (ExecutorSpec(name="crawl", kind="thread", workers=2),)
    with store.write() as tx:
        configurations.save_header(tx, Configuration(name="shop", executors=executors), number=2, by="x", now=NOW)
        queues = configurations.queues_of(tx, jobs)
    assert [queues[job.id] for job in jobs] == ["shop/crawl", "process", "crawl"]
