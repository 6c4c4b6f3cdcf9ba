"""The heartbeat: keeps the lease, and lets go of everything when it is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rota.executors.thread import DEFAULT_THREADS
from rota.model.errors import DatabaseUnavailable
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.store import Store, nodes
from rota.testing import SettableClock
from tests.support.node import ON_POSTGRESQL, ON_SQLITE, Node, held, release
from tests.support.postgres import PostgresServer

Queue = Callable[..., str]


def active(store: Store) -> list[nodes.Node]:
    with store.read() as tx:
        return nodes.active(tx)


def test_it_beats_three_times_a_lease(node: Node, store: Store, clock: SettableClock) -> None:
    for beat in range(1, 4):
        clock.advance(5)
        assert node.run("heartbeat").next_at == clock.now() + timedelta(seconds=5)
        (seen,) = active(store)
        assert (seen.beat, seen.seen_at) == (beat, clock.now())
    assert seen.slots["thread"] == DEFAULT_THREADS


def test_declared_lost_it_lets_go_and_becomes_another(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    job = held(queue, tmp_path)
    node.begin(job)
    before = node.engine.identity.incarnation
    with store.write() as tx:
        assert nodes.declare_lost(tx, before, 0, clock.now())
    assert node.run("heartbeat").counts == {"renewed": 1}
    assert node.engine.identity.incarnation != before
    assert len(node.engine.live) == 0
    assert [each.id for each in active(store)] == [node.engine.identity.incarnation]
    assert [facts["jobs"] for facts in node.told("node.lost")] == [1]
    assert node.run("heartbeat").counts == {"beats": 1}
    assert node.run("rescuer").counts == {"lost": 0, "rescued": 1}
    assert (node.job(job).state, node.job(job).reason) == (State.FAILED, "lost")


def test_the_slots_of_what_was_let_go_are_free_once_it_has_ended(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    node.begin(held(queue, tmp_path))
    with store.write() as tx:
        nodes.declare_lost(tx, node.engine.identity.incarnation, 0, clock.now())
    node.run("heartbeat")
    node.dispatch_until(lambda: node.engine.live.busy("thread") == 0)


def test_a_job_that_is_claimed_while_the_lease_goes_is_not_run(
    node: Node, queue: Queue, store: Store, clock: SettableClock, tmp_path: Path
) -> None:
    queue("hold", parameters=[str(tmp_path)])
    dispatcher = node.engine.dispatcher
    claimed = dispatcher._claim(node.engine.live.take_reported(), named=())
    with store.write() as tx:
        nodes.declare_lost(tx, node.engine.identity.incarnation, 0, clock.now())
    node.run("heartbeat")
    dispatcher._launch(claimed)
    assert len(node.engine.live) == 0
    assert not (tmp_path / "journal").exists()


@ON_SQLITE
def test_with_sqlite_it_goes_on_trying(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = held(queue, tmp_path)
    node.begin(job)
    with monkeypatch.context() as patched:
        patched.setattr(node.store, "write", away)
        clock.advance(100)
        with pytest.raises(DatabaseUnavailable):
            node.run("heartbeat")
    assert node.run("heartbeat").counts == {"beats": 1}
    release(tmp_path)
    assert node.finish(job)[0].state is State.COMPLETED


def away() -> None:
    raise DatabaseUnavailable("it is away")


@ON_POSTGRESQL
def test_a_server_that_is_away_longer_than_the_lease_costs_the_runs_but_loses_no_job(
    node: Node, queue: Queue, clock: SettableClock, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    job = held(queue, tmp_path, retry=RetryPolicy(count=1))
    node.begin(job)
    postgres_server.stop()
    try:
        clock.advance(14)
        with pytest.raises(DatabaseUnavailable):
            node.run("heartbeat")
        assert len(node.engine.live) == 1
        clock.advance(2)
        with pytest.raises(DatabaseUnavailable):
            node.run("heartbeat")
        assert len(node.engine.live) == 0
    finally:
        postgres_server.start()
    assert node.run("heartbeat").counts == {"renewed": 1}
    assert node.run("rescuer").counts == {"lost": 0, "rescued": 1}
    assert node.job(job).state is State.WAITING
    release(tmp_path)
    with pytest.raises(DatabaseUnavailable):
        node.run("dispatcher")  # by connections of its own, which it now finds to be broken
    node.dispatch_until(lambda: node.job(job).finished)
    assert (node.job(job).state, node.job(job).attempt) == (State.COMPLETED, 2)


def test_a_node_that_retires_is_no_longer_active(node: Node, store: Store) -> None:
    node.engine.heartbeat.retire()
    assert active(store) == []
