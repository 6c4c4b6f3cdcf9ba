"""What can become of a claimed job, on every database: each transition leaves one state, and a run its lease."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rota.model.background_job import Lease, Progress
from rota.model.outcome import End, ErrorInfo
from rota.model.states import FINISHED, State
from rota.model.transitions import Next
from rota.store import Store, nodes, outlook, records, transitions
from tests.support.stored import NOW, SECOND, add_node, claim, emit, end, ending, insert, new_job, running, stored

ERROR = ErrorInfo(type="ValueError", message="no", traceback="Traceback:\n  no")
COMPLETED = Next(state=State.COMPLETED, restarts=0, result={"rows": [1, None, "€"]})
FAILED = Next(state=State.FAILED, restarts=0, reason="no", error=ERROR)
CANCELLED = Next(state=State.CANCELLED, restarts=0, reason="cancelled on request", error=ERROR)
WAITING = Next(state=State.WAITING, restarts=1, reason="no", error=ERROR, due_at=NOW + 10 * SECOND)


def cancel(store: Store, job: str, *, by: str = "ann", grace: float | None = None) -> State | None:
    with store.write() as tx:
        return transitions.request_cancel(tx, job, by=by, grace=grace, now=NOW + SECOND)


def lose(store: Store, node: str) -> None:
    with store.write() as tx:
        assert nodes.declare_lost(tx, node, 0, NOW)


# The end of an attempt


@pytest.mark.parametrize("after", [COMPLETED, FAILED, CANCELLED, WAITING], ids=lambda after: after.state)
def test_an_attempt_ends_in_the_state_it_is_given(store: Store, after: Next) -> None:
    add_node(store)
    lease = running(store)
    assert end(store, ending(lease, after, end=End.RAISED, at=NOW + SECOND)) == [lease.sequence]
    job = stored(store, lease.attempt.job)
    over = after.state in FINISHED
    assert (job.state, job.reason, job.error, job.result) == (after.state, after.reason, after.error, after.result)
    assert (job.begin_at, job.end_at) == (NOW, NOW + SECOND if over else None)
    assert job.due_at == (NOW if over else NOW + 10 * SECOND)
    (attempt,) = job.attempts
    assert (attempt.number, attempt.begin_at, attempt.end_at) == (1, NOW, NOW + SECOND)
    assert (attempt.node, attempt.process, attempt.end, attempt.error) == ("a", 4711, "raised", after.error)


def test_many_attempts_end_in_one_transaction(store: Store) -> None:
    add_node(store)
    leases = [running(store) for _ in range(5)]
    ends = [COMPLETED, WAITING, FAILED, COMPLETED, CANCELLED]
    end(store, *(ending(lease, after) for lease, after in zip(leases, ends, strict=True)))
    assert [stored(store, lease.attempt.job).state for lease in leases] == [after.state for after in ends]


def test_a_job_that_waits_runs_again_from_the_beginning(store: Store) -> None:
    add_node(store)
    first = running(store)
    end(store, ending(first, WAITING))
    assert claim(store, now=NOW + 9 * SECOND) == []
    (second,) = claim(store, now=NOW + 11 * SECOND)
    assert (second.attempt.number, second.restarts) == (2, 1)
    assert (second.begin_at, second.claimed_at) == (NOW, NOW + 11 * SECOND)
    assert stored(store, second.attempt.job).reason is None
    end(store, ending(second, COMPLETED, at=NOW + 12 * SECOND))
    job = stored(store, second.attempt.job)
    assert [attempt.number for attempt in job.attempts] == [1, 2]
    assert job.state is State.COMPLETED


def test_a_job_handed_back_spends_no_restart_and_is_due_at_once(store: Store) -> None:
    add_node(store, "a")
    add_node(store, "b")
    lease = running(store, "a")
    end(store, ending(lease, Next(state=State.WAITING, restarts=0, reason="handed back", due_at=NOW), end=End.STOPPED))
    (again,) = claim(store, "b")
    assert (again.attempt.job, again.attempt.number, again.restarts) == (lease.attempt.job, 2, 0)


@pytest.mark.parametrize("words", ["a\0b", "\N{SNOWMAN} '\"%\\", "x" * 100_000], ids=["nul", "quotes", "long"])
def test_whatever_a_method_says_can_be_stored(store: Store, words: str) -> None:
    """One unstorable word would keep the ends of a whole batch from being written, for ever."""
    add_node(store)
    lease = running(store)
    with store.write() as tx:
        transitions.note_progress(tx, {lease.sequence: (0.5, words)})
    said = ErrorInfo(type="ValueError", message=words, traceback=words)
    end(store, ending(lease, Next(state=State.FAILED, restarts=0, reason=words, error=said)))
    job = stored(store, lease.attempt.job)
    assert job.error == said
    assert job.reason == job.progress.text == words.replace("\0", "\N{REPLACEMENT CHARACTER}")


# Fencing


def zombie(store: Store) -> tuple[Lease, Lease]:
    """A lease of node a that was lost, and the one that node b has of the same job since."""
    add_node(store, "a")
    add_node(store, "b")
    old = running(store, "a")
    lose(store, "a")
    with store.write() as tx:
        (orphan,) = outlook.orphans(tx)
        lost = Next(state=State.WAITING, restarts=1, reason="lost", error=ERROR, due_at=NOW)
        transitions.end_attempts(tx, [ending(orphan.lease, lost, orphan.node, End.LOST)])
    (new,) = claim(store, "b")
    return old, new


@pytest.mark.parametrize("after", [COMPLETED, FAILED, CANCELLED, WAITING], ids=lambda after: after.state)
def test_what_a_zombie_writes_finds_nothing(store: Store, after: Next) -> None:
    old, new = zombie(store)
    before = stored(store, new.attempt.job)
    assert end(store, ending(old, after, "a")) == []
    assert stored(store, new.attempt.job) == before
    assert end(store, ending(new, COMPLETED, "b")) == [new.sequence]
    assert [attempt.end for attempt in stored(store, new.attempt.job).attempts] == ["lost", "returned"]


def test_a_lease_is_held_by_one_node_for_one_attempt(store: Store) -> None:
    old, new = zombie(store)
    with store.write() as tx:
        assert transitions.held(tx, "a", {old.sequence: 1}.items()) == {}
        assert transitions.held(tx, "a", {old.sequence: 2}.items()) == {}
        assert transitions.held(tx, "b", {old.sequence: 1}.items()) == {}
        assert transitions.held(tx, "b", {new.sequence: 2, 999_999: 1}.items()) == {new.sequence: 0}
        assert transitions.held(tx, "b", []) == {}


def test_an_end_is_written_once(store: Store) -> None:
    add_node(store)
    lease = running(store)
    assert end(store, ending(lease, COMPLETED)) == [lease.sequence]
    assert end(store, ending(lease, FAILED)) == []
    job = stored(store, lease.attempt.job)
    assert (job.state, len(job.attempts)) == (State.COMPLETED, 1)


# Cancellation


def test_a_job_that_does_not_run_is_cancelled_at_once(store: Store) -> None:
    insert(store, job := new_job())
    assert cancel(store, job.id) is State.CANCELLED
    found = stored(store, job.id)
    assert (found.state, found.reason) == (State.CANCELLED, "cancelled on request of ann")
    assert found.end_at == found.cancel_requested_at == NOW + SECOND
    add_node(store)
    assert claim(store) == []


def test_a_waiting_job_is_cancelled_at_once(store: Store) -> None:
    add_node(store)
    lease = running(store)
    end(store, ending(lease, WAITING))
    assert cancel(store, lease.attempt.job) is State.CANCELLED
    assert claim(store, now=NOW + timedelta(days=1)) == []


def test_a_running_job_is_asked_to_end(store: Store) -> None:
    add_node(store)
    lease = running(store)
    other = running(store)
    assert cancel(store, lease.attempt.job, grace=2.5) is State.RUNNING
    with store.read() as tx:
        assert outlook.cancels_requested(tx, "a") == [(lease.attempt.job, 1, 2.5)]
        assert outlook.cancels_requested(tx, "b") == []
    assert cancel(store, lease.attempt.job, grace=9.0, by="bob") is State.RUNNING
    with store.read() as tx:
        assert outlook.cancels_requested(tx, "a") == [(lease.attempt.job, 1, 2.5)], "the shorter grace stands"
    assert cancel(store, lease.attempt.job, grace=0.5, by="bob") is State.RUNNING
    assert cancel(store, lease.attempt.job, by="bob") is State.RUNNING
    with store.read() as tx:
        assert outlook.cancels_requested(tx, "a") == [(lease.attempt.job, 1, 0.5)]
    assert stored(store, lease.attempt.job).cancel_requested_at == NOW + SECOND, "the first wish stands"
    end(store, ending(lease, CANCELLED), ending(other, COMPLETED))
    with store.read() as tx:
        assert outlook.cancels_requested(tx, "a") == []


@pytest.mark.parametrize("after", [COMPLETED, FAILED, CANCELLED], ids=lambda after: after.state)
def test_a_finished_job_stays_as_it_is(store: Store, after: Next) -> None:
    add_node(store)
    lease = running(store)
    end(store, ending(lease, after))
    before = stored(store, lease.attempt.job)
    assert cancel(store, lease.attempt.job) is after.state
    assert stored(store, lease.attempt.job) == before


def test_to_cancel_twice_is_no_error(store: Store) -> None:
    insert(store, job := new_job())
    assert cancel(store, job.id) is State.CANCELLED
    before = stored(store, job.id)
    assert cancel(store, job.id, by="bob") is State.CANCELLED
    assert stored(store, job.id) == before


def test_there_is_nothing_to_cancel_where_there_is_no_job(store: Store) -> None:
    assert cancel(store, "nobody") is None


def test_jobs_that_cannot_run_in_time_are_cancelled(store: Store) -> None:
    add_node(store)
    late_but_running = running(store, stop_at=NOW - SECOND)
    waits = running(store, stop_at=NOW)
    end(store, ending(waits, WAITING))
    queued = new_job(name="late", stop_at=NOW)
    in_time = new_job(stop_at=NOW + SECOND)
    insert(store, queued, in_time, new_job())
    with store.write() as tx:
        assert sorted(transitions.cancel_overdue(tx, NOW)) == sorted([(queued.id, "late"), (waits.attempt.job, "job")])
        assert transitions.cancel_overdue(tx, NOW) == []
    job = stored(store, queued.id)
    assert (job.state, job.end_at) == (State.CANCELLED, NOW)
    assert job.reason == "its completion time was reached before it could run"
    assert stored(store, late_but_running.attempt.job).state is State.RUNNING
    assert stored(store, in_time.id).state is State.QUEUED


# What a run says of itself


def test_what_a_zombie_emits_is_refused(store: Store) -> None:
    old, new = zombie(store)
    assert not emit(store, old, "from beyond")
    assert emit(store, new, "alive", node="b")
    with store.read() as tx:
        assert [each.data for each in records.of_job(tx, new.attempt.job)] == ["alive"]


def test_the_newest_progress_is_kept_until_the_next_attempt(store: Store) -> None:
    add_node(store)
    lease, other = running(store), running(store)
    with store.write() as tx:
        transitions.note_progress(tx, {lease.sequence: (0.25, "a quarter"), other.sequence: (None, "somewhere")})
        transitions.note_progress(tx, {lease.sequence: (0.5, None)})
        transitions.note_progress(tx, {})
    assert stored(store, lease.attempt.job).progress == Progress(fraction=0.5, text=None)
    assert stored(store, other.attempt.job).progress == Progress(fraction=None, text="somewhere")
    end(store, ending(lease, WAITING))
    assert stored(store, lease.attempt.job).progress.fraction == 0.5
    claim(store, now=NOW + 10 * SECOND)
    assert stored(store, lease.attempt.job).progress == Progress()
