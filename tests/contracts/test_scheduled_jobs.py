"""Scheduled jobs on every database: how they are found, and how the scheduler finds what is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rota.model.errors import JobNotFound, UsageError
from rota.model.timing import Timing
from rota.store import Store, scheduled_changes, scheduled_jobs, scheduled_runs
from tests.support.stored import NOW, SECOND, add_definitions, due, new_scheduled_job


def test_a_job_is_found_by_name_id_or_beginning(store: Store) -> None:
    ids = add_definitions(store, "rates", "prices")
    other = add_definitions(store, "rates", configuration="bank")
    new = [
        new_scheduled_job(ids["rates"], id="abc1"),
        new_scheduled_job(ids["prices"], id="abc2", name="prices"),
        new_scheduled_job(other["rates"], id="xyz", configuration="bank"),
    ]
    with store.write() as tx:
        scheduled_changes.create(tx, new, NOW)
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


def test_what_is_due_is_looked_at_longest_waiting_first(store: Store) -> None:
    ids = add_definitions(store, "d")

    def made(name: str, look_at: datetime | None, *, use: bool = True) -> scheduled_changes.NewScheduledJob:
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
        scheduled_changes.create(tx, new, NOW)
    assert due(store) == ["first", "second"]
    assert due(store, limit=1) == ["first"]
    with store.write() as tx:
        assert scheduled_jobs.next_look(tx) == NOW - timedelta(microseconds=1)
        scheduled_runs.start_by_hand(tx, new[1].id, "some run")
        scheduled_runs.start_by_hand(tx, new[0].id, "some run")
        assert scheduled_jobs.next_look(tx) == NOW + timedelta(microseconds=1)
    assert due(store, NOW + SECOND) == ["later"]
