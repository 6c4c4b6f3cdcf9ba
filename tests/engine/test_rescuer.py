"""The rescuer: declares silent nodes lost by its own clock, and ends their attempts as the policies say."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rota.model.errors import DatabaseUnavailable
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.store import Store, claims, nodes, transitions
from rota.testing import SettableClock
from tests.support.node import ON_POSTGRESQL, ON_SQLITE, Node, held, release
from tests.support.statements import statements, writes

Queue = Callable[..., str]


@pytest.fixture
def dead(register: Callable[[str], str]) -> str:
    """A node that died at once."""
    return register("dead-1")


def claimed_by(store: Store, clock: SettableClock, node: str, count: int = 1) -> None:
    with store.write() as tx:
        assert len(claims.claim(tx, node=node, queue="thread", limit=count, now=clock.now(), paths={})) == count


@ON_SQLITE
def test_with_sqlite_every_other_node_is_dead(
    node: Node, queue: Queue, store: Store, clock: SettableClock, dead: str
) -> None:
    job = queue("give", retry=RetryPolicy(count=1, interval=10))
    claimed_by(store, clock, dead)
    assert node.run("rescuer").counts == {"lost": 1, "rescued": 1}
    found = node.job(job)
    assert (found.state, found.reason, found.due_at) == (State.WAITING, "lost", clock.now() + timedelta(seconds=10))
    assert [(each.number, each.end) for each in found.attempts] == [(1, "lost")]
    assert [facts["node"] for facts in node.told("node.lost")] == ["dead-1"]


@ON_POSTGRESQL
def test_a_node_is_lost_when_it_was_silent_for_its_lease(
    node: Node, queue: Queue, store: Store, clock: SettableClock, dead: str
) -> None:
    job = queue("give")
    claimed_by(store, clock, dead)
    assert node.run("rescuer").next_at == clock.now() + timedelta(seconds=5)
    clock.advance(14.9)
    assert node.run("rescuer").counts == {"lost": 0, "rescued": 0}
    clock.advance(0.1)
    assert node.run("rescuer").counts == {"lost": 1, "rescued": 1}
    found = node.job(job)
    assert (found.state, found.reason) == (State.FAILED, "lost")
    assert [facts["reason"] for facts in node.told("job.failed")] == ["lost"]
    assert node.run("rescuer").counts == {"lost": 0, "rescued": 0}


@ON_POSTGRESQL
def test_a_node_that_is_frozen_in_the_midst_of_a_claim_is_found_lost(
    make_node: Callable[..., Node], apply: Callable[..., None], queue: Queue, store: Store
) -> None:
    """It has its own row locked, so that nobody declares it lost meanwhile; the server ends that with its lease."""
    apply()
    queue("give")
    watcher = make_node()
    own = Store(store.full_url)
    frozen = Node(own, SettableClock(), lease=0.5).enter()
    watcher.run("rescuer")

    def freeze_in_a_claim() -> None:
        node = frozen.engine.identity.incarnation
        with own.write() as tx:
            assert claims.claim(tx, node=node, queue="thread", limit=1, now=frozen.clock.now(), paths={})
            watcher.clock.advance(0.5)
            assert watcher.run("rescuer").counts == {"lost": 1, "rescued": 0}

    with pytest.raises(DatabaseUnavailable):
        freeze_in_a_claim()
    frozen.close()
    own.close()


@ON_POSTGRESQL
@pytest.mark.parametrize("hours", [-7, 7])
def test_a_stepped_wall_clock_loses_nobody(
    make_node: Callable[..., Node], apply: Callable[..., None], clock: SettableClock, hours: int
) -> None:
    apply()
    watcher, watched = make_node(), make_node(on=SettableClock())
    watcher.run("rescuer")
    for _ in range(4):
        clock.step(timedelta(hours=hours))
        clock.advance(14)
        watched.run("heartbeat")
        assert watcher.run("rescuer").counts == {"lost": 0, "rescued": 0}


@ON_POSTGRESQL
def test_a_rescuer_that_slept_does_not_blame_the_others(
    make_node: Callable[..., Node], apply: Callable[..., None], clock: SettableClock
) -> None:
    apply()
    watcher, watched = make_node(), make_node(on=SettableClock())
    watcher.run("rescuer")
    watched.run("heartbeat")
    clock.advance(3600)
    assert watcher.run("rescuer").counts["lost"] == 0


def test_cancelled_and_lost_is_cancelled(
    node: Node, queue: Queue, store: Store, clock: SettableClock, dead: str
) -> None:
    job = queue("give", retry=RetryPolicy(count=3))
    claimed_by(store, clock, dead)
    with store.write() as tx:
        transitions.request_cancel(tx, job, by="tester", grace=None, now=clock.now())
    node.run("rescuer")
    clock.advance(15)
    node.run("rescuer")
    assert (node.job(job).state, node.job(job).reason) == (State.CANCELLED, "cancelled on request")
    assert len(node.told("job.cancelled")) == 1


def test_a_pass_with_nobody_lost_writes_nothing(node: Node, store: Store) -> None:
    with statements(store) as seen:
        node.run("rescuer")
    assert writes(seen) == []


def test_a_job_that_ran_out_of_restarts_fails(
    node: Node, queue: Queue, store: Store, clock: SettableClock, register: Callable[[str], str]
) -> None:
    job = queue("give", retry=RetryPolicy(count=1))
    for name in ("first", "second"):
        claimed_by(store, clock, register(name))
        with store.write() as tx:
            nodes.end(tx, name, clock.now())
        assert node.run("rescuer").counts["rescued"] == 1
    assert (node.job(job).state, node.job(job).attempt) == (State.FAILED, 2)


@ON_POSTGRESQL
def test_two_rescuers_at_once_rescue_each_job_once(
    make_node: Callable[..., Node],
    apply: Callable[..., None],
    queue: Queue,
    store: Store,
    dead: str,
) -> None:
    apply()
    rescuers = [make_node(), make_node()]
    clock = rescuers[0].clock
    jobs = [queue("give", retry=RetryPolicy(count=1)) for _ in range(60)]
    claimed_by(store, clock, dead, 60)
    for rescuer in rescuers:
        rescuer.run("rescuer")
    clock.advance(15)
    for rescuer in rescuers:  # each is alive, and neither must take the other for lost
        rescuer.run("heartbeat")
    counts = []
    threads = [
        threading.Thread(target=lambda each=each: counts.append(each.run("rescuer").counts)) for each in rescuers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(each["lost"] for each in counts) == 1
    left = rescuers[0].run("rescuer").counts["rescued"]
    assert sum(each["rescued"] for each in counts) + left == 60
    assert {(rescuers[0].job(job).state, len(rescuers[0].job(job).attempts)) for job in jobs} == {(State.WAITING, 1)}


@ON_POSTGRESQL
def test_what_a_zombie_reports_is_refused(
    make_node: Callable[..., Node], apply: Callable[..., None], queue: Queue, clock: SettableClock, tmp_path: Path
) -> None:
    apply()
    zombie, other = make_node(), make_node(on=SettableClock())
    job = held(queue, tmp_path, retry=RetryPolicy(count=1))
    zombie.begin(job)
    other.run("rescuer")
    other.clock.advance(15)
    assert other.run("rescuer").counts == {"lost": 1, "rescued": 1}
    release(tmp_path)
    zombie.dispatch_until(lambda: bool(zombie.told("job.refused")))
    assert (other.job(job).state, other.job(job).attempt) == (State.WAITING, 1)
    assert len(zombie.engine.live) == 0
    (done,) = other.finish(job)
    assert [each.end for each in done.attempts] == ["lost", "returned"]
    assert zombie.told("job.completed") == []
