"""Locks on every database: taking, freeing, the dead, and that nothing slips past a lock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from rota.model.errors import Locked
from rota.model.lock import Lock, LockName
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, claims, locks, outlook
from tests.support.stored import NOW, SECOND, add_node, claim, end, ending, insert, new_job

LOCK = Lock(name=LockName.JOBS, holder="ann", reason="a new disk", since=NOW)
LIVING = replace(LOCK, name=LockName.EXCLUSIVE, owner="o", lease=15.0)


def take(store: Store, new: Lock = LOCK, **values: Any) -> None:
    with store.write() as tx:
        locks.take(tx, replace(new, **values), values.get("since", NOW))


def free(store: Store, name: LockName = LockName.JOBS, seconds: float = 0, **values: Any) -> Lock | None:
    with store.write() as tx:
        return locks.free(tx, name, NOW + seconds * SECOND, **values)


def held(store: Store, seconds: float = 0) -> list[Lock]:
    with store.read() as tx:
        return locks.held(tx, NOW + seconds * SECOND)


def past(store: Store, seconds: float = 0) -> list[Lock]:
    with store.read() as tx:
        return locks.covering(tx, NOW + seconds * SECOND)


def test_a_new_database_has_no_lock_held(store: Store) -> None:
    assert held(store) == []
    assert past(store) == []
    assert free(store) is None


def test_a_lock_is_held_until_it_is_freed(store: Store) -> None:
    take(store)
    assert held(store) == [LOCK]
    with pytest.raises(Locked, match="jobs is locked by ann since 2026-05-04 12:00:00 UTC: a new disk") as caught:
        take(store, holder="bob")
    assert caught.value.lock == LOCK
    take(store, name=LockName.SCHEDULED_JOBS, holder="bob")
    assert [each.holder for each in held(store)] == ["ann", "bob"]
    assert free(store) == LOCK
    assert [each.holder for each in held(store)] == ["bob"]
    assert free(store) is None


def test_a_lock_frees_itself_when_its_time_is_over(store: Store) -> None:
    take(store, until=NOW + 5 * SECOND)
    assert len(held(store, 4.9)) == 1
    assert held(store, 5) == []
    assert free(store, seconds=5) is None
    take(store, holder="bob", since=NOW + 6 * SECOND)
    assert [each.holder for each in held(store, 7)] == ["bob"]
    assert [(each.holder, each.until) for each in past(store)] == [("bob", None), ("ann", NOW + 5 * SECOND)]


def test_only_its_owner_ends_a_lock_that_names_one(store: Store) -> None:
    take(store, LIVING)
    assert free(store, LockName.EXCLUSIVE, owner="another") is None
    assert held(store) == [LIVING]
    assert free(store, LockName.EXCLUSIVE) == LIVING, "without an owner anybody's"
    take(store, LIVING, owner="next")
    assert free(store, LockName.EXCLUSIVE, owner="o") is None, "a holder that was gone does not free its successor's"
    assert free(store, LockName.EXCLUSIVE, owner="next") is not None


def test_a_beat_counts_for_the_owner_only(store: Store) -> None:
    take(store, LIVING, until=NOW + 10 * SECOND)
    with store.write() as tx:
        assert locks.beat(tx, LockName.EXCLUSIVE, "o", NOW)
        assert not locks.beat(tx, LockName.EXCLUSIVE, "another", NOW)
        assert not locks.beat(tx, LockName.EXCLUSIVE, "o", NOW + 10 * SECOND), "its time is over"
    assert held(store)[0].beat == 1
    assert free(store, LockName.EXCLUSIVE) is not None
    with store.write() as tx:
        assert not locks.beat(tx, LockName.EXCLUSIVE, "o", NOW)


def test_a_dead_holder_is_one_whose_counter_stands(store: Store) -> None:
    take(store, LIVING)
    with store.write() as tx:
        locks.beat(tx, LockName.EXCLUSIVE, "o", NOW)
        assert not locks.free_of_dead(tx, LIVING, NOW), "it moved"
        assert locks.free_of_dead(tx, replace(LIVING, beat=1), NOW)
        assert not locks.free_of_dead(tx, replace(LIVING, beat=1), NOW), "somebody was quicker"
    assert held(store) == []


def test_what_was_locked_is_remembered_for_a_while(store: Store) -> None:
    take(store)
    free(store, seconds=10)
    assert past(store, 11) == []
    assert past(store, 10) == [replace(LOCK, until=NOW + 10 * SECOND)]
    with store.write() as tx:
        locks.forget_before(tx, NOW + timedelta(minutes=1))
    assert past(store) == []


@pytest.mark.parametrize("name", [LockName.JOBS, LockName.EXCLUSIVE])
def test_nothing_is_claimed_while_jobs_are_locked(store: Store, name: LockName) -> None:
    add_node(store)
    insert(store, new_job())
    take(store, name=name, until=NOW + 10 * SECOND)
    assert claim(store) == []
    assert len(claim(store, now=NOW + 10 * SECOND)) == 1


def test_a_lock_of_scheduled_jobs_lets_jobs_be_claimed(store: Store) -> None:
    add_node(store)
    insert(store, new_job())
    take(store, name=LockName.SCHEDULED_JOBS)
    assert len(claim(store)) == 1


def in_thread(act: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_whoever_takes_a_lock_sees_what_is_claimed_in_that_moment(store: Store) -> None:
    """The holder of the exclusive lock waits until no job runs: a claim in progress must not come after its look."""
    add_node(store)
    insert(store, new_job())
    with store.write() as tx:
        (lease,) = claims.claim(tx, node="a", pool="process", limit=1, now=NOW, paths={})
        taking = in_thread(lambda: take(store, LIVING))
        taking.join(0.2)
        assert taking.is_alive(), "it waits for the claim"
    taking.join(30)
    with store.read() as tx:
        assert outlook.running(tx) == [lease.attempt.job]
    end(store, ending(lease, Next(state=State.COMPLETED, restarts=0)))
    with store.read() as tx:
        assert outlook.running(tx) == []


def test_a_claim_heeds_a_lock_that_is_taken_in_that_moment(store: Store) -> None:
    add_node(store)
    insert(store, new_job())
    claimed: list[object] = []
    with store.write() as tx:
        locks.take(tx, LIVING, NOW)
        claiming = in_thread(lambda: claimed.extend(claim(store)))
        claiming.join(0.2)
        assert claiming.is_alive(), "it waits for the lock"
    claiming.join(30)
    assert claimed == []


def test_who_shares_keeps_locks_from_being_taken(store: Store) -> None:
    with store.write() as tx:
        assert locks.share(tx, NOW) == []
        taking = in_thread(lambda: take(store, name=LockName.SCHEDULED_JOBS))
        taking.join(0.2)
        assert taking.is_alive()
    taking.join(30)
    with store.write() as tx:
        assert [each.name for each in locks.share(tx, NOW)] == ["scheduled-jobs"]
