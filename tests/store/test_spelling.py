"""What goes to a database by the driver alone, and what comes back, is what SQLAlchemy would make of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from rota.model.background_job import Lease
from rota.model.command import Command
from rota.model.retry import RetryPolicy
from rota.store import Store, claims
from rota.store.driver import Writing
from tests.support.stored import NOW, add_node, insert, new_job


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
    return claims.claim(tx, node="a", queue="process", limit=2, now=now, paths={})
