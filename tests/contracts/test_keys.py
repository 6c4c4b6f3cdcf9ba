"""Keys in line, on both databases: the oldest first, never two at once, whoever starts, ends, cancels or dies."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, keys, outlook, transitions
from rota.store.new_jobs import insert_jobs
from tests.support.beside import Side
from tests.support.store_process import Child, together
from tests.support.stored import NOW, SECOND, add_node, claim, end, ending, insert, new_job, running, stored

DONE = Next(state=State.COMPLETED, restarts=0)
AGAIN = Next(state=State.WAITING, restarts=1, due_at=NOW + SECOND)

on_postgresql = pytest.mark.parametrize("store", ["postgresql"], indirect=True)


def in_line(store: Store, count: int, key: str = "k") -> list[str]:
    jobs = [new_job(key=key, key_scope="m:f", behind=True) for _ in range(count)]
    assert insert(store, *jobs) == {job.id for job in jobs}
    return [job.id for job in jobs]


def pass_on(store: Store) -> int:
    with store.write() as tx:
        return keys.pass_on(tx)


def can_pass_on(store: Store) -> bool:
    with store.read() as tx:
        return outlook.ahead(tx, NOW).key_free


def cancel(store: Store, job: str) -> None:
    with store.write() as tx:
        transitions.request_cancel(tx, job, by="ann", grace=None, now=NOW)


def claimed(store: Store) -> list[str]:
    return [lease.attempt.job for lease in claim(store)]


def test_nobody_in_line_is_claimed_before_the_key_is_passed_on(store: Store) -> None:
    add_node(store)
    assert not can_pass_on(store)
    lease = running(store, key="k", key_scope="m:f")
    first, second = in_line(store, 2)
    other = in_line(store, 1, key="other")
    assert claimed(store) == []
    assert pass_on(store) == 1
    assert claimed(store) == other
    end(store, ending(lease, AGAIN))
    assert not can_pass_on(store), "a job that will be restarted keeps its key"
    (again,) = claim(store, now=NOW + SECOND)
    end(store, ending(again, DONE))
    assert can_pass_on(store)
    assert (pass_on(store), pass_on(store)) == (1, 0)
    assert claimed(store) == [first]
    assert stored(store, second).state is State.QUEUED


def test_a_cancelled_holder_passes_its_key_on_and_a_cancelled_one_in_line_is_passed_over(store: Store) -> None:
    add_node(store)
    insert(store, holder := new_job(key="k", key_scope="m:f"))
    first, second, third = in_line(store, 3)
    cancel(store, first)
    cancel(store, holder.id)
    assert claimed(store) == [second]
    assert stored(store, third).state is State.QUEUED


def test_keys_of_different_scopes_are_different_keys(store: Store) -> None:
    add_node(store)
    running(store, key="k", key_scope="x:y")
    in_line(store, 1)
    assert pass_on(store) == 1


@on_postgresql
def test_who_gets_in_line_while_the_key_is_freed_is_found_later(store: Store) -> None:
    """Neither transaction sees the other's work; the next look does."""
    add_node(store)
    lease = running(store, key="k", key_scope="m:f")
    with store.write() as late:
        job = new_job(key="k", key_scope="m:f", behind=True)
        insert_jobs(late, [job], {job.id: "process"})
        assert keys.pass_on(late) == 0
        with store.write() as tx:
            transitions.end_attempts(tx, [ending(lease, DONE)])
            assert keys.pass_on(tx) == 0
    assert can_pass_on(store)
    assert pass_on(store) == 1
    assert claimed(store) == [job.id]


@on_postgresql
def test_who_takes_the_key_first_has_it(store: Store) -> None:
    """A start that does not wait is quicker than the passing on: that passing is undone, and nothing else with it."""
    add_node(store)
    waiting = in_line(store, 1)
    with store.write() as tx:
        insert_now = new_job(key="k", key_scope="m:f")
        assert insert_jobs(tx, [insert_now], {insert_now.id: "process"})
        side = Side(lambda: pass_on(store))
    assert side.result() == 0
    assert claimed(store) == [insert_now.id]
    assert stored(store, waiting[0]).state is State.QUEUED


def test_many_processes_never_hold_a_key_twice_and_go_in_order(store: Store, tmp_path: Path) -> None:
    """Starters in three processes, workers in three others; each run holds its key's lock of the operating system."""
    url = store._url.render_as_string(hide_password=False)
    for name in "abc":
        add_node(store, name, slots={"process": 4})
    with ExitStack() as stack:
        starters = [stack.enter_context(Child("line", url, "3", "12")) for _ in range(3)]
        workers = [stack.enter_context(Child("work", url, name, str(tmp_path), "108")) for name in "abc"]
        answers = together(starters + workers)
    assert sum(answers[:3]) == 108
    assert [answer for answer in answers[3:] if answer != "done"] == []
    for key in range(3):
        ran = [line.split() for line in (tmp_path / f"k{key}.ran").read_text().splitlines()]
        assert len(ran) == 36
        # Two starts at the same time have no order: a server numbers them before they are committed.
        for starter in {name for name, _ in ran}:
            numbers = [int(number) for name, number in ran if name == starter]
            assert numbers == sorted(numbers), "the oldest first"
