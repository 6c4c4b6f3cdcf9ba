"""Jobs that start jobs: they wait without holding a slot, and their family is cancelled and counted as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rota.app.facade import Platform
from tests.support.waiting import PATIENCE, wait_for
from tests.support.workshop.patience import data

POOLS = pytest.mark.parametrize("pool", ["five-threads", "five-processes"])


def finished(platform: Platform, *jobs: Any) -> list[Any]:
    waited = platform.background_jobs.wait(jobs, timeout=PATIENCE)
    assert not waited.timed_out, [job.to_data() for job in waited.pending]
    return [job.refresh() for job in jobs]


@POOLS
def test_five_parents_in_a_pool_of_five_wait_for_their_children(workshop: Platform, pool: str) -> None:
    start = workshop.background_jobs.start
    parents = [start("work_jobs:parent", {"value": n, "executor": pool}, executor=pool) for n in range(5)]
    for number, parent in enumerate(finished(workshop, *parents)):
        assert parent.state == "completed", parent.error
        assert (parent.result["state"], parent.result["result"]) == ("completed", number)
        [child] = parent.children()
        assert (child.id, child.parent) == (parent.result["child"], parent.id)
        assert parent.child_counts == {"completed": 1}


def test_many_children_of_one_parent_share_its_pool(workshop: Platform) -> None:
    how = {"count": 20, "executor": "two-threads"}
    [parent] = finished(
        workshop, workshop.background_jobs.start("work_jobs:parent_of_many", how, executor="two-threads")
    )
    assert parent.result == [2 * n for n in range(20)]


@POOLS
def test_what_a_parent_asks_wrongly_is_its_own_exception(workshop: Platform, pool: str) -> None:
    [parent] = finished(workshop, workshop.background_jobs.start("work_jobs:parent_that_asks_wrongly", executor=pool))
    assert parent.state == "completed", parent.error
    kinds = [told.partition(":")[0] for told in parent.result]
    assert kinds == ["MethodNotAllowed", "UnknownMethod", "BadParameters", "BadParameters", "UsageError", "JobNotFound"]
    assert "number: expected int, got str" in parent.result[2]
    assert parent.children() == []


def test_waiting_for_any_child_and_looking(workshop: Platform, tmp_path: Path) -> None:
    how = {"file": str(tmp_path / "go"), "executor": "two-threads"}
    [parent] = finished(
        workshop, workshop.background_jobs.start("work_jobs:parent_of_any", how, executor="two-threads")
    )
    assert parent.result == [True, ["quick"], 1]
    (tmp_path / "go").touch()
    finished(workshop, *parent.children())


@POOLS
def test_cancelling_a_parent_cancels_its_children(workshop: Platform, pool: str, tmp_path: Path) -> None:
    how = {"file": str(tmp_path / "never"), "executor": pool}
    parent = workshop.background_jobs.start("work_jobs:parent_of_held", how, executor=pool)
    wait_for(lambda: any(child.state == "running" for child in parent.children()))
    parent.cancel(grace=PATIENCE)
    [child] = parent.children()
    finished(workshop, parent, child)
    assert (parent.state, child.state) == ("cancelled", "cancelled")
    again = workshop.background_jobs.start("work_jobs:parent", {"value": 1, "executor": pool}, executor=pool)
    assert finished(workshop, again)[0].state == "completed", "the slot is there again"


def test_a_queued_child_of_a_cancelled_parent_never_starts(platform: Platform, tmp_path: Path) -> None:
    with platform.engine():
        how = {"file": str(tmp_path / "never"), "executor": "nobody-runs-this"}
        how["executor"] = "two-threads"
        parent = platform.background_jobs.start("work_jobs:parent_that_lets_go", how, executor="five-threads")
        finished(platform, parent)
        [child] = parent.children()
        wait_for(lambda: child.refresh().state == "running")
        assert parent.refresh().open, "its child may still emit"
        child.cancel(grace=PATIENCE)
        finished(platform, child)
        assert not parent.refresh().open


def test_records_of_a_family_are_one_dense_sequence(workshop: Platform) -> None:
    parent = workshop.background_jobs.start(
        "work_jobs:parent_and_child_talk", {"executor": "five-threads"}, executor="five-threads"
    )
    finished(workshop, parent)
    [child] = parent.children()
    records = list(parent.receive(keep=True))
    assert [record.number for record in records] == [1, 2, 3, 4]
    assert [(record.job == child.id, record.data) for record in records] == [
        (False, "before"),
        (True, 1),
        (True, 2),
        (False, "after"),
    ]
    assert [record.data for record in parent.receive(children=False)] == ["before", "after"]
    assert [record.data for record in child.receive()] == [1, 2]
    assert [record.data for record in parent.receive()] == ["before", 1, 2, "after"]


# Maps


def test_a_map_runs_its_method_for_every_item(workshop: Platform) -> None:
    job = workshop.background_jobs.map(
        "work_jobs:double", [1, [2], {"number": 3}], parallel=2, name="all", executor="five-threads"
    )
    assert job.state == "running", "from its start on"
    finished(workshop, job)
    assert (job.state, dict(job.child_counts), job.open) == ("completed", {"completed": 3}, False)
    assert [(child.name, child.result) for child in job.children()] == [("all[0]", 2), ("all[1]", 4), ("all[2]", 6)]
    assert [job.id for job in workshop.background_jobs.list()] == [job.id]
    assert sorted(data(job)) == [1, 2, 2, 3, 4, 6]


def test_a_failed_child_makes_its_map_failed_and_is_named(workshop: Platform) -> None:
    job = workshop.background_jobs.map("work_jobs:double", [1, -2, 3], executor="five-threads")
    finished(workshop, job)
    assert (job.state, dict(job.child_counts)) == ("failed", {"completed": 2, "failed": 1})
    failed = job.children()[1]
    assert job.error is not None
    assert job.error.message == f"1 of 3 children failed: double[1] ({failed.id}): ValueError: -2 is negative"
    assert [error["type"] for error in data(job, streams=["error"])] == ["ValueError", "ChildrenFailed"]


def test_a_map_runs_no_more_at_once_than_it_was_told(workshop: Platform, tmp_path: Path) -> None:
    items = [{"folder": str(tmp_path), "number": number} for number in range(4)]
    job = workshop.background_jobs.map("work_jobs:note_beginning", items, parallel=2, executor="five-threads")
    wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
    (tmp_path / "go-1").touch()
    wait_for((tmp_path / "begun-2").exists)
    states = [child.state for child in job.children()]
    assert states == ["running", "completed", "running", "queued"]
    (tmp_path / "go").touch()
    finished(workshop, job)
    assert job.child_counts == {"completed": 4}


def test_cancelling_a_map_ends_it_with_its_children(workshop: Platform, tmp_path: Path) -> None:
    items = [{"folder": str(tmp_path), "number": number} for number in range(4)]
    job = workshop.background_jobs.map("work_jobs:note_beginning", items, parallel=2, executor="five-threads")
    wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
    job.cancel(grace=PATIENCE)
    finished(workshop, job)
    assert (job.state, dict(job.child_counts)) == ("cancelled", {"cancelled": 4})
    assert len(list(tmp_path.glob("begun-*"))) == 2


def test_a_map_that_nobody_runs_is_cancelled_at_once(platform: Platform) -> None:
    job = platform.background_jobs.map("work_jobs:double", [1, 2])
    assert job.cancel().state == "cancelled"
    assert job.refresh().child_counts == {"cancelled": 2}


def test_a_map_over_nothing_is_completed(platform: Platform) -> None:
    job = platform.background_jobs.map("work_jobs:double", [])
    assert (job.state, dict(job.child_counts)) == ("completed", {})
