"""Carrying out a plan: timing, and one transaction whatever happens to its process or beside it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs

from rota.model.definition import Configuration
from rota.model.scheduled_job import Override
from rota.model.states import State
from rota.model.timing import timing_from
from rota.model.transitions import Next
from rota.plan import Allowed
from rota.reconcile.reconciler import apply, make_plan
from rota.runtime.clock import SystemClock
from rota.store import Store, locks, revisions, scheduled_jobs, scheduled_runs
from rota.store.looks import Look, note_looks
from tests.support.beside import Side
from tests.support.stored import NOW, SECOND, add_node, end, ending, running
from tests.support.updates import (
    DAILY,
    HOURLY,
    LATER,
    NEW,
    OLD,
    definitions,
    job,
    jobs,
    kill_at_every_statement,
    picture,
    update,
)
from tests.support.waiting import wait_for


def override(store: Store, job_id: str, **values: Any) -> None:
    with store.write() as tx:
        made = {name: Override(value=value, by="ann", at=NOW) for name, value in values.items()}
        scheduled_jobs.set_overrides(tx, job_id, made)


# Timing


def test_timing_is_kept_where_schedule_and_use_stay(store: Store) -> None:
    update(store, OLD)
    found = jobs(store)
    with store.write() as tx:
        for name, each in found.items():
            look = Look(
                id=each.id,
                seen=each.look_at or NOW,
                considered=NOW + SECOND,
                next_start=NOW + 2 * SECOND,
                look_at=NOW + 3 * SECOND,
                active_job=None,
                held=f"held {name}",
                missed=1,
            )
            note_looks(tx, [look])
    before = jobs(store)
    touched = tuple(structs.replace(each, description="new", timeout=9.0, key="k") for each in OLD.definitions)
    update(store, replace(OLD, definitions=touched), now=LATER)
    after = jobs(store)
    for name, each in before.items():
        assert structs.replace(after[name], configured=each.configured) == each


@pytest.mark.parametrize(
    ("overridden", "change", "retimed"),
    [
        ({"schedule": HOURLY.to_data()}, {"schedule": DAILY}, False),
        ({"schedule": DAILY.to_data()}, {"use": False}, True),
        ({"use": False}, {"schedule": DAILY}, True),
        ({"use": True}, {"use": False}, False),
        ({"schedule": None}, {"use": False}, True),
        ({"key": "k"}, {"schedule": DAILY}, True),
    ],
)
def test_a_job_is_retimed_by_what_is_in_force(
    store: Store, overridden: dict[str, Any], change: dict[str, Any], retimed: bool
) -> None:
    before = job("a", schedule=HOURLY)
    update(store, Configuration(name="shop", definitions=(before,)))
    job_id = jobs(store)["a"].id
    override(store, job_id, **overridden)
    update(store, Configuration(name="shop", definitions=(structs.replace(before, **change),)), now=LATER)
    after = jobs(store)["a"]
    assert (after.active_since == LATER) is retimed
    assert sorted(after.overrides) == sorted(overridden)
    if retimed:
        assert after.look_at == timing_from(LATER, after.schedule, use=after.use).look_at


# All or nothing, one after the other


def test_a_kill_at_any_statement_leaves_the_old_or_the_new(store: Store) -> None:
    update(store, OLD)
    before = picture(store)
    kill_at_every_statement(store.full_url, "apply", lambda: picture(store) == before)
    assert definitions(store) == {each.name: each.properties for each in NEW.definitions}
    assert make_plan(store, NEW, Allowed(), now=NOW).is_empty
    assert len(picture(store)["rota_revision"]) == 2


def test_updates_at_once_are_done_one_after_the_other(store: Store) -> None:
    url = store._url.render_as_string(hide_password=False)

    def flip(first: Configuration, second: Configuration) -> list[int]:
        own = Store(url)  # as another process has it
        versions = (first, second) * 4
        numbers = [apply(own, each, Allowed(), by="ann", now=SystemClock().now).revision for each in versions]
        own.close()
        return numbers

    sides = [Side(lambda: flip(OLD, NEW)), Side(lambda: flip(NEW, OLD)), Side(lambda: flip(OLD, OLD))]
    told = [side.result() for side in sides]
    rows = picture(store)
    numbers = [row[1] for row in rows["rota_revision"]]
    assert numbers == list(range(1, len(numbers) + 1))
    with store.read() as tx:
        assert [each.number for each in revisions.newest(tx, None, 100)] == numbers[::-1], "later ones have later times"
    assert max(max(each) for each in told if isinstance(each, list)) == numbers[-1]
    last = OLD if rows["rota_revision"][-1][2] == "old" else NEW
    assert make_plan(store, last, Allowed(), now=NOW).is_empty
    assert all(before[2] != after[2] for before, after in itertools.pairwise(rows["rota_revision"]))


def test_passes_of_the_scheduler_go_on_between_updates(store: Store) -> None:
    """No pass sees half an update, and none is refused because of one."""
    update(store, OLD, now=NOW - 86_400 * SECOND)
    url = store._url.render_as_string(hide_password=False)

    def passes() -> int:
        own, looked = Store(url), 0
        for _ in range(20):
            with own.write() as tx:
                locks.share_configuration(tx)
                found = scheduled_jobs.due(tx, NOW + 86_400 * SECOND, 100)
                names = {each.name for each in found}
                assert not {"gone", "new-name"} <= names, "the old and the new at once"
                looks = [
                    Look(
                        id=each.id,
                        seen=each.look_at or NOW,
                        considered=NOW,
                        next_start=None,
                        look_at=each.look_at,
                        active_job=None,
                        held=None,
                        missed=0,
                    )
                    for each in found
                ]
                note_looks(tx, looks)
                looked += len(looks)
        own.close()
        return looked

    sides = [Side(passes) for _ in range(2)]
    for desired in (NEW, OLD) * 4:
        update(store, desired)
    assert all(side.result() for side in sides)


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
@pytest.mark.parametrize("update_first", [True, False], ids=["update-first", "end-first"])
def test_the_end_of_a_run_and_an_update_wait_for_each_other_in_one_order(store: Store, update_first: bool) -> None:
    """Both lock scheduled jobs; in different orders, one of them would be the victim of a deadlock.

    The one is given the jobs in the wrong order, and the other finds them so by the index of their names. Whoever does
    not put them right has the last one by the time that it waits for the first, and who waited for that before it wants
    the last.
    """
    update(store, OLD)
    add_node(store)
    found = sorted(jobs(store).values(), key=lambda each: each.id)
    wrong_by_name = ((one, two) for one, two in itertools.combinations(found, 2) if one.name > two.name)
    first, last = next(wrong_by_name, (found[0], found[-1]))
    leases = [running(store, scheduled_job=each.id) for each in (last, first)]
    with store.write() as tx:
        for each, lease in zip((last, first), leases, strict=True):
            scheduled_runs.start_by_hand(tx, each.id, lease.attempt.job)
    over = [ending(lease, Next(state=State.COMPLETED, restarts=0)) for lease in leases]
    acts: list[Callable[[], object]] = [lambda: update(store, NEW), lambda: end(store, *over)]
    with store.write() as tx:
        scheduled_jobs.get(tx, first.id, lock=True)
        sides = []
        for waiting, act in enumerate(acts if update_first else reversed(acts), start=1):
            sides.append(Side(act))
            wait_for(lambda waiting=waiting: _waits(store, waiting), "another one to wait for the first job")
    assert len([side.result() for side in sides]) == 2


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_an_override_that_comes_in_between_is_not_overwritten(store: Store) -> None:
    update(store, OLD)
    job_id = jobs(store)["retimed"].id
    off = timing_from(NOW, HOURLY, use=False)
    with store.write() as tx:
        scheduled_jobs.get(tx, job_id, lock=True)
        side = Side(lambda: update(store, NEW, now=LATER))
        wait_for(lambda: _waits(store), "the update's wait for the job")
        scheduled_jobs.set_overrides(tx, job_id, {"use": Override(value=False, by="ann", at=NOW)})
        scheduled_jobs.retime(tx, {job_id: (False, off)})
    side.result()
    after = jobs(store)["retimed"]
    assert (after.use, after.look_at) == (False, None)
    with store.write() as tx:
        assert job_id not in {each.id for each in scheduled_jobs.due(tx, LATER + 9**9 * SECOND, 100)}


def _waits(store: Store, count: int = 1) -> bool:
    with store.read() as tx:
        query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return bool(tx.exec_driver_sql(query).scalar() == count)
