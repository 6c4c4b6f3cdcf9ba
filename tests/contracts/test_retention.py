"""Retention on every database: which finished jobs go, what goes with them, and what stays."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, nodes, records
from rota.store.records import NewRecord
from rota.store.retention import remove_finished
from rota.store.tables import attempt, background_job, node, record
from tests.support.stored import NOW, SECOND, add_node, claim, completed, end, ending, insert, new_job, running


def remove(
    store: Store,
    configuration: str | None = None,
    *,
    before: datetime = NOW - SECOND,
    keep: int = 100,
    limit: int = 100,
) -> int:
    with store.write() as tx:
        return remove_finished(tx, configuration, before=before, keep=keep, limit=limit)


def left(store: Store) -> list[str]:
    with store.read() as tx:
        return list(tx.execute(select(background_job.c.name).order_by(background_job.c.sequence)).scalars())


def history(store: Store, count: int, configuration: str | None = None) -> None:
    """Finish this many jobs; job 0 ended first."""
    add_node(store)
    for n in range(count):
        completed(store, at=NOW + n * SECOND, name=f"{configuration or 'own'} {n}", configuration=configuration)


def test_jobs_that_ended_before_go(store: Store) -> None:
    history(store, 4)
    assert remove(store, before=NOW + 2 * SECOND) == 2
    assert left(store) == ["own 2", "own 3"]
    assert remove(store, before=NOW + 2 * SECOND) == 0


@pytest.mark.parametrize(("keep", "kept"), [(0, []), (1, ["own 3"]), (3, ["own 1", "own 2", "own 3"]), (4, None)])
def test_the_newest_are_kept(store: Store, keep: int, kept: list[str] | None) -> None:
    history(store, 4)
    everything = left(store)
    assert remove(store, keep=keep) == 4 - min(keep, 4)
    assert left(store) == (everything if kept is None else kept)


def test_of_jobs_that_ended_at_once_the_younger_are_kept(store: Store) -> None:
    add_node(store)
    for n in range(4):
        completed(store, name=f"job {n}", at=NOW)
    assert remove(store, keep=2) == 2
    assert left(store) == ["job 2", "job 3"]


def test_the_oldest_go_first_and_only_so_many_at_once(store: Store) -> None:
    history(store, 5)
    assert remove(store, keep=1, limit=3) == 3
    assert left(store) == ["own 3", "own 4"]
    assert remove(store, keep=1, limit=3) == 1


def test_each_configuration_keeps_its_own(store: Store) -> None:
    history(store, 2, "shop")
    with store.write() as tx:
        nodes.end(tx, "a", NOW)
        tx.execute(node.delete())
    history(store, 2)
    assert remove(store, "shop", keep=1) == 1
    assert remove(store, None, keep=0) == 2
    assert remove(store, "bank", keep=0) == 0
    assert left(store) == ["shop 1"]


def test_what_is_not_finished_stays(store: Store) -> None:
    add_node(store)
    running(store, name="running")
    waits = running(store, name="waiting")
    end(store, ending(waits, Next(state=State.WAITING, restarts=1, due_at=NOW + SECOND)))
    insert(store, new_job(name="queued"))
    assert remove(store, before=NOW + timedelta(days=1), keep=0) == 0
    assert left(store) == ["running", "waiting", "queued"]


def test_attempts_and_records_go_with_their_job(store: Store) -> None:
    """An attempt has a row of its own where another one followed it."""
    add_node(store)
    for name in ("old", "new"):
        lease = running(store, name=name)
        end(store, ending(lease, Next(state=State.WAITING, restarts=1, due_at=NOW)))
        (lease,) = claim(store)
        with store.write() as tx:
            new = NewRecord(sequence=lease.sequence, attempt=1, stream="output", at=NOW, data=name)
            records.append(tx, [new], {lease.sequence: 0})
        end(store, ending(lease, Next(state=State.COMPLETED, restarts=0)))
    assert remove(store, keep=1) == 1
    with store.read() as tx:
        assert list(tx.execute(select(record.c.data)).scalars()) == ["new"]
        assert tx.execute(select(func.count()).select_from(attempt)).scalar() == 1
