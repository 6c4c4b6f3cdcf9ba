"""The lock keeper: it tells of locks, frees those of the dead, by its own clock, and has the engine go on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from rota.model.lock import Lock, LockName
from rota.model.states import State
from rota.store import Store, audit, locks
from rota.store.audit import AuditFilter
from rota.testing import SettableClock
from tests.support.node import ON_POSTGRESQL, Node

LEASE = 15.0
Take = Callable[..., None]


def held(store: Store, clock: SettableClock) -> list[Lock]:
    with store.read() as tx:
        return locks.held(tx, clock.now())


def beat(store: Store, clock: SettableClock) -> None:
    with store.write() as tx:
        assert locks.beat(tx, LockName.EXCLUSIVE, "o", clock.now())


def keep(node: Node, clock: SettableClock, seconds: float = 1) -> dict[str, int]:
    """Let time pass, and have it look."""
    clock.advance(seconds)
    return dict(node.run("lock keeper").counts)


def test_it_tells_of_a_lock_once_and_of_its_end(node: Node, store: Store, clock: SettableClock, lock: Take) -> None:
    lock(LockName.JOBS)
    assert keep(node, clock) == {"held": 1, "ended": 0, "dead": 0}
    keep(node, clock)
    assert node.told("lock.taken") == [{"lock": "jobs", "holder": "ann", "reason": "a new disk"}]
    with store.write() as tx:
        locks.free(tx, LockName.JOBS, clock.now())
    lock(LockName.JOBS, holder="bob", since=clock.now() + timedelta(seconds=1))
    assert keep(node, clock) == {"held": 1, "ended": 1, "dead": 0}, "another one"
    assert [facts["holder"] for facts in node.told("lock.taken")] == ["ann", "bob"]
    assert node.told("lock.ended") == [{"lock": "jobs", "holder": "ann", "dead": False}]


def test_jobs_go_on_when_the_time_of_a_lock_is_over(
    node: Node, queue: Callable[..., str], clock: SettableClock, lock: Take
) -> None:
    job = queue("give")
    lock(LockName.JOBS, until=clock.now() + timedelta(seconds=10))
    node.run("dispatcher")
    assert node.job(job).state is State.QUEUED
    done = node.run("lock keeper")
    assert done.next_at == clock.now() + timedelta(seconds=10)
    node._woken.clear()
    assert keep(node, clock, 10) == {"held": 0, "ended": 1, "dead": 0}
    assert node._woken.is_set(), "the dispatcher is told to look"
    node.finish(job)


def test_a_holder_that_is_silent_for_its_lease_is_dead(
    node: Node, store: Store, clock: SettableClock, lock: Take
) -> None:
    lock(LockName.EXCLUSIVE, owner="o", lease=LEASE)
    assert node.run("lock keeper").next_at == clock.now() + timedelta(seconds=LEASE / 3)
    for _ in range(4):
        keep(node, clock, LEASE / 2)
        beat(store, clock)
    assert keep(node, clock, LEASE - 1)["dead"] == 0
    assert keep(node, clock)["dead"] == 0, "a beat was seen one second into that"
    assert keep(node, clock, LEASE) == {"held": 0, "ended": 1, "dead": 1}
    assert held(store, clock) == []
    assert node.told("lock.ended") == [{"lock": "exclusive", "holder": "ann", "dead": True}]
    with store.read() as tx:
        (act,) = audit.select_acts(tx, AuditFilter(by="(engine)"))
    assert (act.act, act.subject, act.facts["holder"]) == ("lock.free", "exclusive", "ann")


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_step_of_the_wall_clock_kills_nobody(
    node: Node, store: Store, clock: SettableClock, lock: Take, hours: int
) -> None:
    lock(LockName.EXCLUSIVE, owner="o", lease=LEASE)
    node.run("lock keeper")
    clock.step(timedelta(hours=hours))
    assert keep(node, clock, LEASE / 2)["dead"] == 0
    assert len(held(store, clock)) == 1


def test_a_lock_that_lives_with_nobody_is_nobodys_to_free(
    node: Node, store: Store, clock: SettableClock, lock: Take
) -> None:
    lock(LockName.JOBS)
    for _ in range(3):
        assert keep(node, clock, timedelta(days=1).total_seconds())["dead"] == 0


def test_the_successor_of_a_dead_holder_is_watched_anew(
    node: Node, store: Store, clock: SettableClock, lock: Take
) -> None:
    lock(LockName.EXCLUSIVE, owner="o", lease=LEASE)
    keep(node, clock)
    clock.advance(LEASE - 2)
    with store.write() as tx:
        locks.free(tx, LockName.EXCLUSIVE, clock.now())
    lock(LockName.EXCLUSIVE, owner="next", lease=LEASE)
    assert keep(node, clock, 3) == {"held": 1, "ended": 1, "dead": 0}


def test_it_does_not_look_at_every_change(node: Node, store: Store, clock: SettableClock, lock: Take) -> None:
    node.run("lock keeper")
    lock(LockName.JOBS)
    clock.advance(0.25)
    done = node.run("lock keeper")
    assert (done.counts, done.next_at) == ({}, clock.now() + timedelta(seconds=0.75))
    assert keep(node, clock, 0.75)["held"] == 1


@ON_POSTGRESQL
def test_of_several_nodes_one_frees_the_dead_and_all_hear_of_it(
    make_node: Callable[..., Node], store: Store, clock: SettableClock, lock: Take
) -> None:
    crowd = [make_node() for _ in range(2)]
    lock(LockName.EXCLUSIVE, owner="o", lease=LEASE)
    for node in crowd:
        node.run("lock keeper")
    clock.advance(LEASE)
    assert [node.run("lock keeper").counts["dead"] for node in crowd] == [1, 0]
    assert [len(node.told("lock.ended")) for node in crowd] == [1, 1]
