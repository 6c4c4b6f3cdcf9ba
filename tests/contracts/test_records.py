"""Records on every database: one dense sequence for a family, places of consumers, and what is said of what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from rota.model.attempt import AttemptId
from rota.model.background_job import Lease
from rota.model.errors import JobNotFound, WrongState
from rota.model.record import Stream
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, children, records, retention, transitions
from rota.store.records import NewRecord, Source
from tests.support.beside import Side
from tests.support.statements import statements, writes
from tests.support.stored import (
    NOW,
    SECOND,
    add_node,
    claim,
    completed,
    emit,
    end,
    ending,
    insert,
    new_job,
    running,
    stored,
)

DONE = Next(state=State.COMPLETED, restarts=0)
CANCELLED = Next(state=State.CANCELLED, restarts=0)


def child_of(store: Store, parent: Lease, node: str = "a") -> Lease:
    """A running child of a running job."""
    new = new_job()
    insert(store, new)
    with store.write() as tx:
        children.adopt(tx, parent.attempt.id, [new.id])
    (lease,) = claim(store, node)
    return lease


def numbers(store: Store, root: Lease, **how: Any) -> list[int]:
    with store.read() as tx:
        last = records.last_number(tx, root.sequence)
        return [each.number for each in records.page(tx, Source(root.sequence, **how), after=0, upto=last, limit=9_999)]


# Values


@pytest.mark.parametrize("value", [2.0, 10**30 + 1, 2**63, -0.5, True, "007", "1e5", [2.0], {"sum": 10**30}], ids=repr)
def test_a_value_comes_back_as_it_was_handed_out(store: Store, value: Any) -> None:
    add_node(store)
    lease = running(store)
    emit(store, lease, value)
    end(store, ending(lease, Next(state=State.COMPLETED, restarts=0, result=value)))
    with store.read() as tx:
        (record,) = records.page(tx, Source(lease.sequence), after=0, upto=1, limit=1)
    assert repr((stored(store, lease.attempt.job).result, record.data)) == repr((value, value))


# Numbers


def test_records_are_numbered_densely_over_attempts(store: Store) -> None:
    add_node(store)
    first, other = running(store), running(store)
    emit(store, first, "a", {"b": [1]})
    emit(store, other, "other")
    emit(store, first)
    emit(store, first, None, stream=Stream.LOG)
    end(store, ending(first, Next(state=State.WAITING, restarts=1, reason="no", due_at=NOW + 10 * SECOND)))
    (second,) = claim(store, now=NOW + 10 * SECOND)
    emit(store, second, "c\0\N{SNOWMAN}", 2.5)
    with store.read() as tx:
        found = records.of_job(tx, first.attempt.job)
        assert records.of_job(tx, first.attempt.job, after=3, limit=1) == found[3:4]
        assert [each.data for each in records.of_job(tx, other.attempt.job)] == ["other"]
        with pytest.raises(JobNotFound):
            records.of_job(tx, "nobody")
    assert [each.number for each in found] == [1, 2, 3, 4, 5]
    assert [each.attempt for each in found] == [1, 1, 1, 2, 2]
    assert [each.data for each in found] == ["a", {"b": [1]}, None, "c\0\N{SNOWMAN}", 2.5]
    assert {each.stream for each in found} == {"output", "log"}
    assert {each.at for each in found} == {NOW}


def test_a_family_counts_on_from_what_the_root_had_counted(store: Store) -> None:
    add_node(store)
    root = running(store)
    emit(store, root, 1, 2)
    child = child_of(store, root)
    emit(store, child, 3)
    grandchild = child_of(store, child)
    emit(store, grandchild, 4)
    emit(store, root, 5)
    assert numbers(store, root) == [1, 2, 3, 4, 5]
    assert numbers(store, root, only=child.sequence) == [3]
    with store.read() as tx:
        assert [(each.number, each.data) for each in records.of_job(tx, grandchild.attempt.job)] == [(4, 4)]
        assert records.locate(tx, grandchild.attempt.job) == (grandchild.sequence, root.sequence)


def test_two_nodes_that_write_children_of_one_root_leave_no_gap(store: Store) -> None:
    add_node(store, "a")
    add_node(store, "b")
    root = running(store, "a")
    leases = [("a", root), *[(node, child_of(store, root, node)) for node in ("a", "b", "b")]]

    def write(node: str, lease: Lease) -> None:
        for count in range(15):
            emit(store, lease, *range(count % 3 + 1), node=node)

    sides = [Side(lambda node=node, lease=lease: write(node, lease)) for node, lease in leases]  # type: ignore[misc]
    for side in sides:
        side.result()
    assert numbers(store, root) == list(range(1, 4 * 30 + 1))


def test_two_families_written_crosswise_wait_for_each_other_in_no_circle(store: Store) -> None:
    """Node a runs root 1 and a child of root 2, node b root 2 and a child of root 1; each writes both at once."""
    add_node(store, "a")
    add_node(store, "b")
    first, second = running(store, "a"), running(store, "b")
    pairs = {"a": [first, child_of(store, second, "a")], "b": [second, child_of(store, first, "b")]}

    def write(node: str, leases: Sequence[Lease]) -> None:
        for _ in range(20):
            with store.write() as tx:
                held = transitions.held(tx, node, [(each.sequence, each.attempt.number) for each in leases])
                facts = {"attempt": 1, "stream": "output", "at": NOW}
                new = [NewRecord(sequence=each.sequence, data=0, **facts) for each in leases]  # type: ignore[arg-type]
                records.append(tx, new, held)

    sides = [Side(lambda node=node, leases=leases: write(node, leases)) for node, leases in pairs.items()]  # type: ignore[misc]
    for side in sides:
        side.result()
    assert numbers(store, first) == numbers(store, second) == list(range(1, 41))


def test_a_job_that_emits_nothing_and_has_no_family_costs_no_statement_more(store: Store) -> None:
    add_node(store)
    lease = running(store)
    with statements(store) as seen, store.write() as tx:
        counts = transitions.end_attempts(tx, [ending(lease, DONE)])
        records.append(tx, [], counts)
    assert counts == {lease.sequence: 0}
    assert len(writes(seen)) == 1


def test_output_is_counted_over_attempts(store: Store) -> None:
    add_node(store)
    lease = running(store)
    emit(store, lease, "a", "b", size=7)
    end(store, ending(lease, Next(state=State.WAITING, restarts=1, due_at=NOW)))
    (again,) = claim(store)
    assert (lease.output_bytes, again.output_bytes) == (0, 14)


# Children


def test_only_a_running_attempt_that_nobody_stopped_has_children(store: Store) -> None:
    add_node(store)
    lease = running(store)
    insert(store, new := new_job())
    for attempt in (AttemptId(lease.attempt.job, 2), AttemptId("nobody", 1)):
        with pytest.raises(WrongState, match="is over"), store.write() as tx:
            children.adopt(tx, attempt, [new.id])
    with store.write() as tx:
        transitions.request_cancel(tx, lease.attempt.job, by="ann", grace=None, now=NOW)
    with pytest.raises(WrongState, match="told to stop"), store.write() as tx:
        children.adopt(tx, lease.attempt.id, [new.id])
    assert stored(store, new.id).parent is None


def test_children_of_a_cancelled_job_are_cancelled_to_the_last_generation(store: Store) -> None:
    add_node(store)
    root = running(store)
    child = child_of(store, root)
    grandchild = child_of(store, child)
    insert(store, queued := new_job())
    with store.write() as tx:
        children.adopt(tx, grandchild.attempt.id, [queued.id])
    with store.write() as tx:
        transitions.request_cancel(tx, root.attempt.job, by="ann", grace=None, now=NOW)
        children.cancel_children(tx, root.attempt.job, grace=2.0, now=NOW)
        assert not children.has_unwanted(tx)
    assert stored(store, queued.id).state is State.CANCELLED
    for lease in (child, grandchild):
        assert stored(store, lease.attempt.job).cancel_requested_at == NOW


def test_children_that_were_missed_are_found_later(store: Store) -> None:
    add_node(store)
    root = running(store)
    child = child_of(store, root)
    end(store, ending(root, CANCELLED))
    with store.write() as tx:
        assert children.has_unwanted(tx)
        assert children.cancel_unwanted(tx, now=NOW) == [child.sequence]
        assert not children.has_unwanted(tx)
    assert stored(store, child.attempt.job).cancel_requested_at == NOW


# What is gone


def test_a_family_goes_as_a_whole_and_not_while_one_of_it_runs(store: Store) -> None:
    add_node(store)
    root = running(store)
    child = child_of(store, root)
    emit(store, child, 1)
    end(store, ending(root, DONE))
    later = NOW + timedelta(days=2)
    with store.write() as tx:
        assert retention.remove_finished(tx, None, before=later, keep=0) == 0
    end(store, ending(child, DONE))
    with store.write() as tx:
        assert retention.remove_finished(tx, None, before=later, keep=0) == 1
    for lease in (root, child):
        with pytest.raises(JobNotFound):
            stored(store, lease.attempt.job)


def test_children_do_not_count_as_kept_jobs(store: Store) -> None:
    add_node(store)
    root = running(store)
    for _ in range(3):
        child = child_of(store, root)
        end(store, ending(child, DONE))
    end(store, ending(root, DONE))
    alone = completed(store)
    with store.write() as tx:
        assert retention.remove_finished(tx, None, before=NOW, keep=2) == 0
    assert stored(store, alone).finished


def test_where_records_of_old_children_were_a_gap_is_told(store: Store) -> None:
    add_node(store)
    root = running(store)
    child, other = child_of(store, root), child_of(store, root)
    emit(store, child, 1, 2)
    emit(store, root, 3)
    emit(store, child, 4)
    emit(store, other, 5)
    end(store, ending(child, DONE))
    with store.write() as tx:
        for _ in range(2):
            retention.remove_records_of_children(tx, None, before=NOW, now=NOW)
        assert len(records.of_job(tx, child.attempt.job)) == 3, "it ended too late"
        done = retention.remove_records_of_children(tx, None, before=NOW + SECOND, now=NOW)
        again = retention.remove_records_of_children(tx, None, before=NOW + SECOND, now=NOW)
        page = records.page(tx, Source(root.sequence), after=0, upto=99, limit=99)
    assert (done, again) == (1, 0)
    gap = {"event": "gap", "lost": 3, "reason": "retention"}
    assert [(each.number, each.stream, each.data) for each in page] == [
        (3, "output", 3),
        (4, "event", gap),
        (5, "output", 5),
    ]
