"""Stopping and removing, as PowerShell's jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest

from rota.app.facade import Platform
from rota.model.errors import JobNotFound, WrongState
from rota.store import Store
from tests.support.command_line import rota
from tests.support.processes import wait_until_gone
from tests.support.waiting import PATIENCE, wait_for
from tests.support.workshop.patience import data, finished, running

POOLS = pytest.mark.parametrize("pool", ["two-threads", "five-processes"])


def url_of(store: Store) -> str:
    return store._url.render_as_string(hide_password=False)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@POOLS
def test_p58_a_stopped_job_is_cancelled_and_tells_of_no_error(workshop: Platform, pool: str, tmp_path: Path) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "never")], executor=pool))
    job.cancel(grace=PATIENCE)
    finished(workshop, job)
    assert (job.state, data(job)) == ("cancelled", [])


def test_p59_stopping_can_wait_for_the_end_and_leaves_finished_jobs(
    workshop: Platform, store: Store, tmp_path: Path
) -> None:
    start = workshop.background_jobs.start
    [done] = finished(workshop, start("work_jobs:give", executor="two-threads"))
    held = running(start("work_jobs:hold", [str(tmp_path / "never")], executor="two-threads"))
    said = rota("jobs", "cancel", done.id, held.id, "--wait", database=url_of(store), cwd=tmp_path)
    assert said.returncode == 0
    assert sorted(said.stdout.splitlines()) == sorted([f"{done.id}  completed", f"{held.id}  cancelled"])
    assert held.refresh().state == "cancelled"


def test_p60_the_wish_to_stop_is_kept_until_an_engine_hears_it(platform: Platform, tmp_path: Path) -> None:
    never = str(tmp_path / "never")
    with platform.engine(grace=0.0):
        job = running(platform.background_jobs.start("work_jobs:hold", [never], executor="two-threads"))
    assert job.refresh().state == "waiting", "the engine handed it back when it stopped"
    assert job.cancel().state == "cancelled"
    with platform.engine():
        assert finished(platform, job)[0].attempt == 1


def test_p61_no_process_of_a_stopped_or_removed_job_is_left(workshop: Platform, tmp_path: Path) -> None:
    for end in ("cancel", "remove"):
        job = workshop.background_jobs.start("work_jobs:hold_with_a_child_process", [str(tmp_path / "never")])
        [line] = wait_for(partial(data, job, keep=True))
        if end == "cancel":
            job.cancel(grace=0.0)
            finished(workshop, job)
        else:
            job.cancel(grace=0.0)
            job.remove(force=True, timeout=PATIENCE)
        wait_until_gone(line)


def test_p62_what_runs_is_removed_by_force_only(workshop: Platform, tmp_path: Path) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "never")], executor="two-threads"))
    with pytest.raises(WrongState, match="has not ended"):
        job.remove()
    assert job.refresh().state == "running"
    job.remove(force=True, timeout=PATIENCE)
    with pytest.raises(JobNotFound):
        job.refresh()


def test_p63_one_rule_for_every_selector(workshop: Platform, store: Store, tmp_path: Path) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "never")], executor="two-threads"))
    for selector in ([job.id], ["hold"], ["ho*"], ["--state", "running"]):
        done = rota("jobs", "remove", *selector, database=url_of(store), cwd=tmp_path)
        assert done.returncode == 4, selector
        assert "has not ended" in done.stderr
    assert job.refresh().state == "running"
    job.cancel(grace=0.0)
    finished(workshop, job)


def test_p64_a_child_is_not_removed_on_its_own(workshop: Platform) -> None:
    parent = workshop.background_jobs.map("work_jobs:double", [1], executor="two-threads")
    finished(workshop, parent)
    [child] = parent.children()
    for force in (False, True):
        with pytest.raises(WrongState, match=f"is a child of {parent.id} and goes with it"):
            child.remove(force=force)
    parent.remove()
    with pytest.raises(JobNotFound):
        child.refresh()


def test_p65_without_a_selector_nothing_happens_and_a_dry_run_only_tells(
    platform: Platform, store: Store, tmp_path: Path
) -> None:
    job = platform.background_jobs.start("work_jobs:give")
    for verb in ("cancel", "remove"):
        assert rota("jobs", verb, database=url_of(store), cwd=tmp_path).returncode == 2
        told = rota("jobs", verb, "give", "--dry-run", database=url_of(store), cwd=tmp_path)
        assert told.returncode == 0
        assert told.stdout.startswith(f"{job.id}  give  queued (would be ")
    assert job.refresh().state == "queued"
