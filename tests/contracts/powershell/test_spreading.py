"""Spreading work and its limits, as PowerShell's jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.model.errors import UsageError
from rota.store import Store
from tests.support.running import Running
from tests.support.waiting import wait_for
from tests.support.workshop.patience import data, finished, running


def states(jobs: list[Job]) -> list[str]:
    return sorted(job.refresh().state for job in jobs)


def test_p69_the_limit_of_a_map_is_its_own(workshop: Platform, tmp_path: Path) -> None:
    items = [{"folder": str(tmp_path), "number": number} for number in range(4)]
    first = workshop.background_jobs.map("work_jobs:note_beginning", items, parallel=1, executor="five-threads")
    wait_for(lambda: states(first.children()) == ["queued", "queued", "queued", "running"])
    other = workshop.background_jobs.map("work_jobs:double", [1, 2, 3], parallel=2, executor="five-threads")
    assert finished(workshop, other)[0].state == "completed"
    (tmp_path / "go").touch()
    assert finished(workshop, first)[0].child_counts == {"completed": 4}
    with pytest.raises(UsageError):
        workshop.background_jobs.map("work_jobs:double", [1], parallel=0)


def test_p70_pools_have_their_own_limits(workshop: Platform, tmp_path: Path) -> None:
    start = workshop.background_jobs.start
    go = str(tmp_path / "go")
    jobs = [start("work_jobs:hold", [go], executor="two-threads") for _ in range(4)]
    wait_for(lambda: states(jobs) == ["queued", "queued", "running", "running"])
    assert finished(workshop, start("work_jobs:give", executor="five-threads"))[0].state == "completed"
    assert states(jobs) == ["queued", "queued", "running", "running"]
    (tmp_path / "go").touch()
    finished(workshop, *jobs)


@pytest.mark.parametrize("pool", ["five-threads", "five-processes"])
def test_p71_a_pool_full_of_waiting_parents_goes_on(workshop: Platform, pool: str) -> None:
    start = workshop.background_jobs.start
    parents = [start("work_jobs:parent", {"value": n, "executor": pool}, executor=pool) for n in range(5)]
    assert [job.state for job in finished(workshop, *parents)] == ["completed"] * 5


def test_p74_one_item_and_three_give_results_of_the_same_shape(workshop: Platform) -> None:
    maps = [
        workshop.background_jobs.map("work_jobs:fail", [["MyError"]] * count, executor="two-threads")
        for count in (1, 3)
    ]
    for count, job in zip((1, 3), finished(workshop, *maps), strict=True):
        assert (job.state, job.child_counts) == ("failed", {"failed": count})
        assert job.error is not None
        assert job.error.message.startswith(f"{count} of {count} children failed: fail[0] (")


def test_p87_a_job_outlives_whoever_started_it(workshop: Platform, store: Store, tmp_path: Path) -> None:
    url = store._url.render_as_string(hide_password=False)
    go = tmp_path / "go"
    start = ("jobs", "start", "work_jobs:hold", "-p", f"file={go}", "--executor", "two-threads", "--wait")
    with Running(*start, database=url, cwd=tmp_path) as starter:
        job = workshop.background_jobs.get(starter.wait_for("started").split()[-1])
        running(job)
        starter.signal(signal.SIGKILL)
        starter.end()
    go.touch()
    [job] = finished(workshop, job)
    assert (job.state, data(job)) == ("completed", ["held"])
