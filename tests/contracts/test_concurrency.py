"""Many at once: threads and processes on one database never get, hold or start the same thing twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from rota.model.lock import Lock, LockName
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import (
    Store,
    Transaction,
    background_jobs,
    claims,
    locks,
    nodes,
    outlook,
    scheduled_changes,
    scheduled_jobs,
    transitions,
)
from rota.store.looks import Look, note_looks
from rota.store.outlook import OrphanedLease
from rota.store.retention import remove_finished
from tests.support.beside import Side
from tests.support.store_process import Child, together
from tests.support.stored import (
    NOW,
    SECOND,
    add_definitions,
    add_node,
    add_scheduled_jobs,
    claim,
    completed,
    end,
    ending,
    insert,
    new_job,
    new_scheduled_job,
    running,
    stored,
)
from tests.support.waiting import wait_for

on_postgresql = pytest.mark.parametrize("store", ["postgresql"], indirect=True)
"""Where transactions can overlap at all: SQLite lets one writer in after the other."""


def many(count: int, work: Callable[[int], Any]) -> list[Any]:
    """What `count` threads bring back that begin at once."""
    gate = threading.Barrier(count)

    def begin(number: int) -> Any:
        gate.wait()
        return work(number)

    sides = [Side(lambda n=n: begin(n)) for n in range(count)]  # type: ignore[misc]
    return [side.result() for side in sides]


def others_url(store: Store) -> str:
    return store._url.render_as_string(hide_password=False)


def waits_for_a_lock(store: Store) -> bool:
    with store.read() as tx:
        found = tx.execute(
            text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
        )
        return found.first() is not None


# Both databases


def test_claimers_never_get_the_same_job(store: Store) -> None:
    ids = [new_job() for _ in range(120)]
    insert(store, *ids)
    for name in "abcdef":
        add_node(store, name)
    with ExitStack() as stack:
        children = [stack.enter_context(Child("claim", others_url(store), name)) for name in "ab"]
        processes = Side(lambda: together(children))
        got = many(4, lambda n: claim_all(store, "cdef"[n]))
        got += processes.result()
    assert sorted(job for part in got for job in part) == sorted(job.id for job in ids)


def claim_all(store: Store, node: str) -> list[str]:
    got: list[str] = []
    while leases := claim(store, node, limit=3):
        got += [lease.attempt.job for lease in leases]
    return got


def test_of_many_who_start_one_key_exactly_one_wins(store: Store) -> None:
    keys = 15
    with ExitStack() as stack:
        children = [stack.enter_context(Child("start", others_url(store), str(keys))) for _ in range(2)]
        processes = Side(lambda: together(children))
        won = many(6, lambda _: [f"k{n}" for n in range(keys) if insert(store, new_job(key=f"k{n}"))])
        won += processes.result()
    assert sorted(key for part in won for key in part) == sorted(f"k{n}" for n in range(keys))


def test_a_job_that_ends_and_is_cancelled_at_once_does_either(store: Store) -> None:
    add_node(store)
    for _ in range(5):
        lease = running(store)

        def act(n: int) -> object:
            if n:
                with store.write() as tx:
                    return transitions.request_cancel(tx, lease.attempt.job, by="ann", grace=None, now=NOW)  # noqa: B023
            return end(store, ending(lease, Next(state=State.COMPLETED, restarts=0)))  # noqa: B023

        ended, state = many(2, act)
        assert ended == [lease.sequence]
        assert state in {State.RUNNING, State.COMPLETED}
        assert stored(store, lease.attempt.job).state is State.COMPLETED


def test_a_read_sees_one_state(store: Store) -> None:
    insert(store, one := new_job())
    with store.read() as tx:
        assert background_jobs.count_by_state(tx) == {"queued": 1}
        Side(lambda: insert(store, new_job())).result()
        assert background_jobs.count_by_state(tx) == {"queued": 1}
        assert background_jobs.get(tx, one.id).state is State.QUEUED
    with store.read() as tx:
        assert background_jobs.count_by_state(tx) == {"queued": 2}


# What only PostgreSQL lets happen


@on_postgresql
def test_a_claim_keeps_to_its_limit_whatever_the_plan(store: Store) -> None:
    """The plan that PostgreSQL makes for a table it knows nothing about may evaluate a subquery for every row."""
    add_node(store)
    insert(store, *(new_job() for _ in range(20)))
    with store.write() as tx:
        for way in ("hashagg", "sort", "hashjoin", "mergejoin", "material", "memoize"):
            tx.execute(text(f"SET LOCAL enable_{way} = off"))
        assert len(claims.claim(tx, node="a", queue="process", limit=3, now=NOW, paths={})) == 3


@on_postgresql
def test_a_claim_passes_over_what_another_has_in_hand(store: Store) -> None:
    for name in "ab":
        add_node(store, name)
    insert(store, first := new_job(priority=1), second := new_job())
    with store.write() as tx:
        assert [
            lease.attempt.job for lease in claims.claim(tx, node="a", queue="process", limit=1, now=NOW, paths={})
        ] == [first.id]
        assert [lease.attempt.job for lease in claim(store, "b")] == [second.id]


@on_postgresql
def test_a_node_cannot_be_declared_lost_while_it_claims(store: Store) -> None:
    """Either the rescuer finds the job among the orphans, or the node claims nothing."""
    add_node(store)
    insert(store, new_job())

    def rescue() -> tuple[bool, int]:
        with store.write() as tx:
            return nodes.declare_lost(tx, "a", 0, NOW), len(outlook.orphans(tx))

    with store.write() as tx:
        assert len(claims.claim(tx, node="a", queue="process", limit=1, now=NOW, paths={})) == 1
        side = Side(rescue)
        wait_for(lambda: waits_for_a_lock(store) or not side.running, "the wait for the claim")
    assert side.result() == (True, 1)


@on_postgresql
def test_a_node_that_is_being_declared_lost_claims_nothing(store: Store) -> None:
    add_node(store)
    insert(store, new_job())
    with store.write() as tx:
        nodes.declare_lost(tx, "a", 0, NOW)
        side = Side(lambda: claim(store))
        wait_for(lambda: waits_for_a_lock(store) or not side.running, "the wait for the verdict")
    assert side.result() == []


@on_postgresql
def test_a_cancel_that_meets_the_end_of_an_attempt_is_not_lost(store: Store) -> None:
    add_node(store)
    lease = running(store)

    def cancel() -> State | None:
        with store.write() as tx:
            return transitions.request_cancel(tx, lease.attempt.job, by="ann", grace=None, now=NOW)

    with store.write() as tx:
        waits = Next(state=State.WAITING, restarts=1, due_at=NOW + SECOND)
        assert transitions.end_attempts(tx, [ending(lease, waits)])
        side = Side(cancel)
        wait_for(lambda: waits_for_a_lock(store), "the wait for the end")
    assert side.result() is State.CANCELLED
    assert stored(store, lease.attempt.job).state is State.CANCELLED


GATE = 4711
"""An advisory lock that a statement can be made to wait for."""


@contextmanager
def gated(store: Store, beginning: str) -> Iterator[None]:
    """Make the statements that begin so wait, between what they see and what they lock, while GATE is locked."""

    def gate(_c: Any, _cursor: Any, statement: str, parameters: Any, _x: Any, _many: bool) -> tuple[str, Any]:
        if statement.startswith(beginning):
            wait = f"(SELECT pg_advisory_xact_lock_shared({GATE})) IS NOT NULL"
            statement = statement.replace("WHERE", f"WHERE {wait} AND", 1)
        return statement, parameters

    event.listen(store._engine, "before_cursor_execute", gate, retval=True)
    try:
        yield
    finally:
        event.remove(store._engine, "before_cursor_execute", gate)


@on_postgresql
def test_a_run_that_found_a_living_node_meanwhile_is_no_orphan(store: Store) -> None:
    """PostgreSQL asks a row that changed before it was locked about its own columns only, not about its node."""
    add_node(store, "a")
    add_node(store, "b")
    lease = running(store, "a")
    other = Store(others_url(store))

    def rescue() -> list[OrphanedLease]:
        with gated(store, "SELECT rota_background_job"), store.write() as tx:
            return outlook.orphans(tx)

    with other.write() as tx:
        nodes.declare_lost(tx, "a", 0, NOW)
    with other.write() as gate:
        gate.execute(text(f"SELECT pg_advisory_xact_lock({GATE})"))
        side = Side(rescue)
        wait_for(lambda: waits_for_a_lock(other) or not side.running, "the rescuer's look")
        assert side.running
        # Meanwhile another rescuer and another dispatcher are quicker.
        waits = Next(state=State.WAITING, restarts=1, due_at=NOW)
        assert end(other, ending(lease, waits, "a"))
        (again,) = claim(other, "b")
    assert side.result() == []
    assert again.attempt.number == 2
    other.close()


@on_postgresql
def test_what_one_rescuer_has_in_hand_another_leaves(store: Store) -> None:
    add_node(store, "a")
    running(store, "a")
    with store.write() as tx:
        nodes.declare_lost(tx, "a", 0, NOW)
    with store.write() as tx, store.write() as other:
        assert len(outlook.orphans(tx)) == 1
        assert outlook.orphans(other) == []


@on_postgresql
def test_two_who_cancel_or_remove_do_not_wait_for_each_other(store: Store) -> None:
    add_node(store)
    completed(store)
    insert(store, new_job(stop_at=NOW))
    with store.write() as tx, store.write() as other:
        assert len(transitions.cancel_overdue(tx, NOW)) == 1
        assert transitions.cancel_overdue(other, NOW) == []
        assert remove_finished(tx, None, before=NOW + SECOND, keep=0) == 2
        assert remove_finished(other, None, before=NOW + SECOND, keep=0) == 0


# The scheduler's passes and updates


def begin_pass(tx: Transaction) -> None:
    """What a pass of the scheduler does first."""
    assert locks.share_all(tx, NOW) == []


@on_postgresql
def test_two_passes_share_what_is_due(store: Store) -> None:
    ids = add_definitions(store, *"abcd")
    with store.write() as tx:
        scheduled_changes.create(tx, [new_scheduled_job(ids[name], name=name) for name in "abcd"], NOW)
    with store.write() as tx, store.write() as other:
        begin_pass(tx)
        begin_pass(other)
        first = scheduled_jobs.due(tx, NOW, 3)
        second = scheduled_jobs.due(other, NOW, 3)
    assert sorted(job.name for job in first + second) == list("abcd")
    assert len(first) == 3


def write_locked(store: Store, take: Callable[[Transaction], None]) -> str:
    with store.write() as tx:
        take(tx)
    return "went in"


@on_postgresql
@pytest.mark.parametrize(
    ("inside", "outside"),
    [
        (locks.hold_configuration, begin_pass),
        (begin_pass, locks.hold_configuration),
        (locks.hold_configuration, locks.share_configuration),
        (locks.share_configuration, locks.hold_configuration),
        (locks.hold_configuration, locks.hold_configuration),
    ],
    ids=[
        "pass waits for update",
        "update waits for pass",
        "creation waits for update",
        "update waits for creation",
        "update waits for update",
    ],
)
def test_updates_keep_out_passes_and_each_other(
    store: Store, inside: Callable[[Transaction], None], outside: Callable[[Transaction], None]
) -> None:
    with store.write() as tx:
        inside(tx)
        side = Side(lambda: write_locked(store, outside))
        wait_for(lambda: waits_for_a_lock(store), "the wait for the lock")
        assert side.running
    assert side.result() == "went in"


@on_postgresql
def test_a_pass_that_waited_for_an_update_sees_a_lock_that_was_taken_meanwhile(store: Store) -> None:
    def share() -> list[LockName]:
        with store.write() as tx:
            return [each.name for each in locks.share_all(tx, NOW)]

    with store.write() as tx:
        locks.hold_configuration(tx)
        side = Side(share)
        wait_for(lambda: waits_for_a_lock(store), "the wait for the update")
        with store.write() as other:
            locks.take(other, Lock(name=LockName.JOBS, holder="ada", reason="a move", since=NOW), NOW)
    assert side.result() == [LockName.JOBS]


def test_writers_of_one_process_take_turns(store: Store) -> None:
    (job_id,) = add_scheduled_jobs(store)

    def note(n: int) -> None:
        for _ in range(10):
            with store.write() as tx:
                look = scheduled_jobs.get(tx, job_id, lock=True)
                count = Look(
                    id=job_id,
                    seen=NOW,
                    considered=look.considered + SECOND,
                    next_start=None,
                    look_at=NOW,
                    active_job=None,
                    held=None,
                    missed=1,
                )
                note_looks(tx, [count])

    many(4, note)
    with store.read() as tx:
        job = scheduled_jobs.get(tx, job_id)
    assert job.missed == 40
    assert job.considered == NOW - SECOND + 40 * SECOND
