"""Writing by the driver alone promises what every other transaction does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rota.model.background_job import Lease, NewJob
from rota.model.command import Command
from rota.model.retry import RetryPolicy
from rota.store import Store, background_jobs, claims
from rota.store.driver import Writing
from rota.store.tables import audit, background_job
from tests.support.stored import NOW, add_node, insert, new_job, start, stored


def test_a_start_that_fails_leaves_nothing_behind(store: Store) -> None:
    """Neither the job nor the act, whichever of the two it was that failed."""
    there = new_job()
    start(store, there)
    with pytest.raises(IntegrityError):
        start(store, new_job(), there)
    with store.write() as tx:
        tx.execute(text("ALTER TABLE rota_audit RENAME TO rota_hidden"))
    with pytest.raises(Exception, match="rota_audit"):
        start(store, new_job())
    with store.write() as tx:
        tx.execute(text("ALTER TABLE rota_hidden RENAME TO rota_audit"))
        assert [tx.execute(text(f"SELECT count(*) FROM {each}")).scalar() for each in (background_job, audit)] == [1, 1]


def test_the_next_transaction_knows_nothing_of_one_that_failed(store: Store) -> None:
    for _ in range(3):
        with pytest.raises(KeyError):
            leave_in_the_middle(store)
    later = new_job()
    start(store, later)
    gone = new_job()
    with pytest.raises(KeyError):
        insert_and_fail(store, gone)
    with store.read() as tx:
        assert list(background_jobs.states(tx, [later.id, gone.id])) == [later.id]


def insert_and_fail(store: Store, job: NewJob) -> None:
    with store.write() as tx:
        background_jobs.insert_jobs(tx, [job], {job.id: "process"})
        raise KeyError


def leave_in_the_middle(store: Store) -> None:
    with store.write_by_driver() as tx:
        tx.execute(text("SELECT :word"), {"word": "never"})
        raise KeyError


@pytest.mark.parametrize("words", ["50 % of :it", "a\\b", "%(x)s", "'; --", "\U0001f980"])
def test_values_are_never_read_as_a_part_of_the_statement(store: Store, words: str) -> None:
    job = new_job(name=words, parameters=[words])
    start(store, job)
    found = stored(store, job.id)
    assert (found.name, found.parameters) == (words, [words])


def test_values_come_as_from_any_other_transaction(store: Store) -> None:
    add_node(store)
    elsewhere = timezone(timedelta(hours=2))
    method = new_job(
        parameters={"number": 2.0}, timeout=1.5, completion_interval=90.0, stop_at=NOW.astimezone(elsewhere)
    )
    insert(store, method, new_job(method=None, command=Command(argv=("ls",)), retry=RetryPolicy(count=3)))
    with store.write() as tx:
        undone = tx.begin_nested()
        expected = claim_at(tx, NOW)
        undone.rollback()
    with store.write_by_driver() as by_driver:
        claimed = claim_at(by_driver, NOW.astimezone(elsewhere))
    assert claimed == expected
    assert [lease.claimed_at.tzinfo for lease in claimed] == [UTC, UTC]


def claim_at(tx: Writing, now: datetime) -> list[Lease]:
    return claims.claim(tx, node="a", pool="process", limit=2, now=now, paths={})
