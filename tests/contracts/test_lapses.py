"""Overrides that end by themselves, on every database."""

from __future__ import annotations

from datetime import datetime

import pytest

from rota.model.lapses import lapsed
from rota.model.scheduled_job import Override, ScheduledJob
from rota.model.timing import timing_from
from rota.plan import Allowed
from rota.reconcile.reconciler import make_plan
from rota.store import Store, lapses, scheduled_changes, scheduled_jobs
from tests.support.beside import Side
from tests.support.stored import NOW, SECOND
from tests.support.updates import LATER, NEW, OLD, jobs, update

END = NOW + 10 * SECOND


def switch_off(store: Store, name: str, until: datetime | None) -> ScheduledJob:
    job = jobs(store)[name]
    with store.write() as tx:
        override = Override(value=False, by="ann", at=NOW, reason="x", until=until)
        scheduled_changes.set_overrides(tx, job.id, {"use": override, "key": Override(value="k", by="ann", at=NOW)})
        scheduled_changes.retime(tx, {job.id: (False, timing_from(NOW, None, use=False))})
    return jobs(store)[name]


@pytest.fixture(autouse=True)
def _applied(store: Store) -> None:
    update(store, OLD)


def restore(store: Store, now: datetime, limit: int = 100) -> list[str]:
    with store.write() as tx:
        return [each.name for each in lapses.restore(tx, now, limit)]


def test_its_end_comes_back_as_it_was_set(store: Store) -> None:
    assert switch_off(store, "same", END).overrides["use"].until == END
    assert switch_off(store, "gone", None).overrides["use"].until is None


def test_the_end_is_a_moment_to_look_at(store: Store) -> None:
    for name in ("gone", "loses-its-job", "old-name", "retimed", "switched-off"):
        switch_off(store, name, None)
    switch_off(store, "same", END)
    with store.read() as tx:
        assert scheduled_jobs.next_look(tx) == END
    restore(store, END)
    with store.read() as tx:
        assert scheduled_jobs.next_look(tx) == jobs(store)["same"].look_at


def test_what_is_restored_is_what_a_reader_saw(store: Store) -> None:
    switch_off(store, "same", END)
    switch_off(store, "retimed", END + SECOND)
    seen = lapsed(jobs(store)["same"], LATER)
    assert restore(store, END - SECOND) == []
    assert restore(store, END) == ["same"]
    assert jobs(store)["same"] == lapsed(seen, END) == seen
    assert list(seen.overrides) == ["key"]
    assert restore(store, END) == []
    assert restore(store, LATER) == ["retimed"]


def test_no_more_than_a_batch_at_once(store: Store) -> None:
    for name in ("same", "gone", "retimed"):
        switch_off(store, name, END)
    assert [len(restore(store, LATER, limit=2)) for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_what_another_node_restores_is_left_to_it(store: Store) -> None:
    switch_off(store, "same", END)
    with store.write() as tx:
        assert [each.name for each in lapses.restore(tx, LATER, 100)] == ["same"]
        assert Side(lambda: restore(store, LATER)).result() == []


def test_an_update_and_a_plan_take_it_for_gone(store: Store) -> None:
    switch_off(store, "switched-off", END)
    hidden = make_plan(store, NEW, Allowed(), now=END - SECOND)
    assert any("hidden by an override" in warning for warning in hidden.warnings)
    assert any(f"until {END:%Y-%m-%d %H:%M} UTC" in warning for warning in hidden.warnings)
    plan = make_plan(store, NEW, Allowed(), now=LATER)
    assert plan.warnings == ()
    assert update(store, NEW, now=LATER).plan == plan
    after = jobs(store)["switched-off"]
    assert (list(after.overrides), after.use) == (["key"], False), "switched off by its configuration now"
