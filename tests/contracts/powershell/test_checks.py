"""The checks of the study of PowerShell's jobs that need no remote host. Each test is named after its check."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from rota.app.facade import Platform
from rota.model.errors import JobNotFound, WrongState
from rota.model.retry import RetryPolicy
from rota.store import Store
from tests.support.command_line import rota
from tests.support.running import Running
from tests.support.waiting import PATIENCE, wait_for
from tests.support.workshop.patience import data, finished, running


def url_of(store: Store) -> str:
    return store._url.render_as_string(hide_password=False)


def test_a1_each_consumer_receives_everything_once(workshop: Platform) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [4], executor="two-threads"))
    assert data(job) == [1, 2, 3, 4]
    assert data(job) == []
    assert data(job, keep=True, from_start=True) == [1, 2, 3, 4]
    assert data(job, keep=True, tail=2) == [3, 4]
    assert data(job) == []
    assert (data(job, consumer="other"), data(job, consumer="other")) == ([1, 2, 3, 4], [])


def test_a2_a_killed_reader_loses_nothing(workshop: Platform, store: Store, tmp_path: Path) -> None:
    [job] = finished(workshop, workshop.background_jobs.start("work_jobs:count", [20_000], executor="two-threads"))
    with Running("jobs", "receive", job.id, database=url_of(store), cwd=tmp_path) as reader:
        assert reader.process.stdout is not None
        for _ in range(700):
            last = reader.process.stdout.readline()
        reader.signal(signal.SIGKILL)
        last = ([last, *[line for line in reader.process.stdout if line.endswith("\n")]])[-1]
        reader.end()
    seen = int(last.split()[-1])
    rest = data(job)
    assert rest == list(range(rest[0], 20_001)), "none missing"
    assert 1 <= rest[0] <= seen + 1, "the reader had got the others"


def test_a3_receives_at_any_time_join_to_the_whole(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:count", [40, 0.03], executor="two-threads")
    parts = []
    while not job.refresh().finished:
        parts.append(data(job))
        workshop.background_jobs.wait([job], timeout=0.05)
    parts.append(data(job))
    assert [number for part in parts for number in part] == list(range(1, 41))
    assert sum(1 for part in parts if part) > 2


def test_a4_an_engine_and_a_reader_killed_in_mid_run(platform: Platform, store: Store, tmp_path: Path) -> None:
    url = url_of(store)
    job = platform.background_jobs.start(
        "work_jobs:count", [20, 0.05], executor="two-threads", retry=RetryPolicy(count=3, interval=0.0)
    )
    with (
        Running("run", "--no-apply", "--lease", "2s", database=url, cwd=tmp_path) as engine,
        Running("jobs", "receive", job.id, "--follow", "--consumer", "c", database=url, cwd=tmp_path) as reader,
    ):
        engine.wait_for("started")
        wait_for(lambda: data(job, keep=True))
        engine.signal(signal.SIGKILL)
        reader.signal(signal.SIGKILL)
        engine.end()
        reader.end()
    with Running("run", "--no-apply", "--lease", "2s", "--until-idle", database=url, cwd=tmp_path) as engine:
        assert engine.end() == 0
    assert job.refresh().state == "completed"
    records = list(job.receive())
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    last_attempt = [record.data for record in records if record.attempt == job.attempt]
    assert last_attempt == list(range(1, 21))
    errors: list[Any] = [record.data for record in records if record.stream == "error"]
    assert [error["type"] for error in errors] == ["Lost"]
    assert [record.number for record in job.receive(consumer="c")][-1] == len(records)


def test_a7_stopping_twice_and_stopping_what_is_queued(workshop: Platform, tmp_path: Path) -> None:
    items = [{"folder": str(tmp_path), "number": number} for number in range(3)]
    job = workshop.background_jobs.map("work_jobs:note_beginning", items, parallel=1, executor="two-threads")
    wait_for((tmp_path / "begun-0").exists)
    job.cancel(grace=PATIENCE)
    job.cancel()
    finished(workshop, job)
    assert job.cancel().state == "cancelled"
    assert [path.name for path in tmp_path.glob("begun-*")] == ["begun-0"]


def test_a8_removing(workshop: Platform, store: Store, tmp_path: Path) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "no"), "w"], executor="two-threads"))
    wait_for(lambda: data(job, keep=True))
    assert rota("jobs", "remove", job.id, database=url_of(store), cwd=tmp_path).returncode == 4
    with pytest.raises(WrongState):
        job.remove()
    done = rota("jobs", "remove", job.id, "--force", database=url_of(store), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{job.id}  removed\n")
    assert rota("jobs", "show", job.id, database=url_of(store), cwd=tmp_path).returncode == 3
    with pytest.raises(JobNotFound):
        data(job)


def test_a9_waiting(workshop: Platform, tmp_path: Path) -> None:
    start = workshop.background_jobs.start
    [done] = finished(workshop, start("work_jobs:give", executor="two-threads"))
    held = start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads")
    wait = workshop.background_jobs.wait
    assert [job.id for job in wait([done], timeout=0).done] == [done.id]
    part = wait([done, held], timeout=0.05)
    assert ([job.id for job in part.done], [job.id for job in part.pending]) == ([done.id], [held.id])
    assert part.timed_out
    assert [job.id for job in wait([held, done], any=True).done] == [done.id]
    (tmp_path / "go").touch()
    assert len(wait([held, held], timeout=PATIENCE).done) == 1


def test_a11_pools_are_full_when_they_are(workshop: Platform, tmp_path: Path) -> None:
    start = workshop.background_jobs.start
    items = [{"folder": str(tmp_path), "number": number} for number in range(4)]
    jobs = [start("work_jobs:note_beginning", item, executor="two-threads") for item in items]
    wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
    assert sorted(job.refresh().state for job in jobs) == ["queued", "queued", "running", "running"]
    (tmp_path / "go").touch()
    finished(workshop, *jobs)
    parents = [start("work_jobs:parent", [n, "two-threads"], executor="two-threads") for n in range(2)]
    assert [job.state for job in finished(workshop, *parents)] == ["completed"] * 2


def test_a13_a_run_by_hand_is_kept_and_a_job_that_is_off_can_be_started(workshop: Platform) -> None:
    idle = workshop.scheduled_jobs.get("idle")
    idle.set(use=False)
    runs = []
    for _ in range(2):
        [run] = finished(workshop, idle.start())
        runs.append(run)
    assert [job.id for job in workshop.background_jobs.list(scheduled_job="idle")] == [runs[1].id, runs[0].id]
    assert {job.name for job in runs} == {"idle"}


def test_a14_a_killed_worker_is_noticed_and_its_job_restarted(workshop: Platform) -> None:
    retry = RetryPolicy(count=1, interval=0.0)
    job = workshop.background_jobs.start("work_jobs:die", executor="five-processes", retry=retry)
    [job] = finished(workshop, job)
    assert (job.state, [attempt.end for attempt in job.attempts]) == ("failed", ["died", "died"])


def test_a15_a_broken_configuration_changes_nothing(platform: Platform, store: Store, tmp_path: Path) -> None:
    job = platform.background_jobs.start("work_jobs:give")
    before = [each.to_data() for each in platform.scheduled_jobs.find()]
    (tmp_path / "broken.yaml").write_text("rota: 1\nconfiguration: {name: workshop}\njobs: {idle: {method: [}\n")
    assert rota("apply", "broken.yaml", database=url_of(store), cwd=tmp_path).returncode == 1
    assert [each.to_data() for each in platform.scheduled_jobs.find()] == before
    assert job.refresh().state == "queued"
