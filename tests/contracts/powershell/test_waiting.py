"""Waiting, as PowerShell's jobs have it or better. Each test is named after its fact."""

from __future__ import annotations

import time
from pathlib import Path

from rota.app.facade import Platform
from rota.store import Store
from tests.support.beside import Side
from tests.support.command_line import rota
from tests.support.waiting import PATIENCE
from tests.support.workshop.patience import finished, running


def url_of(store: Store) -> str:
    return store._url.render_as_string(hide_password=False)


def test_p44_waiting_returns_the_jobs_and_takes_ids_names_and_states(
    workshop: Platform, store: Store, tmp_path: Path
) -> None:
    jobs = [workshop.background_jobs.start("work_jobs:give", [n], name=f"n{n}", executor="two-threads") for n in (1, 2)]
    by_job = workshop.background_jobs.wait(jobs, timeout=PATIENCE)
    by_id = workshop.background_jobs.wait([job.id for job in jobs], timeout=PATIENCE)
    assert {job.id for job in by_job.done} == {job.id for job in by_id.done} == {job.id for job in jobs}
    for selectors in (["n1", "n2"], ["n*"], ["--state", "completed"], [job.id[:13] for job in jobs]):
        done = rota("jobs", "wait", *selectors, database=url_of(store), cwd=tmp_path)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 2), done.stderr


def test_p45_time_running_out_has_an_exit_code_and_leaves_the_job_alone(
    workshop: Platform, store: Store, tmp_path: Path
) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads"))
    done = rota("jobs", "wait", job.id, "--timeout", "0s", database=url_of(store), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (124, f"{job.id}  running\n")
    (tmp_path / "go").touch()
    finished(workshop, job)


def test_p46_what_is_done_is_reported_when_time_runs_out_and_zero_is_a_look(workshop: Platform, tmp_path: Path) -> None:
    start = workshop.background_jobs.start
    slow = start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads")
    [quick] = finished(workshop, start("work_jobs:give", executor="two-threads"))
    waited = workshop.background_jobs.wait([slow, quick], timeout=0)
    assert [job.id for job in waited.done] == [quick.id]
    assert [job.id for job in waited.pending] == [slow.id]
    assert waited.timed_out
    assert not workshop.background_jobs.wait([quick], timeout=0).timed_out
    (tmp_path / "go").touch()
    finished(workshop, slow)


def test_p47_any_gives_the_first_that_finished_whatever_the_order_of_the_question(
    workshop: Platform, tmp_path: Path
) -> None:
    start = workshop.background_jobs.start
    files = [tmp_path / name for name in ("first", "second")]
    jobs = [running(start("work_jobs:hold", [str(file)], executor="two-threads")) for file in files]
    files[1].touch()
    waited = workshop.background_jobs.wait(jobs, any=True, timeout=PATIENCE)
    assert ([job.id for job in waited.done], len(waited.pending)) == ([jobs[1].id], 1)
    files[0].touch()
    finished(workshop, *jobs)
    both = workshop.background_jobs.wait(jobs, any=True)
    assert [job.id for job in both.done] == [jobs[1].id, jobs[0].id], "in the order of their ends"


def test_p49_no_job_waits_for_input_and_so_none_blocks_a_wait(workshop: Platform) -> None:
    start = workshop.background_jobs.start_command
    jobs = finished(workshop, start(["cat"]), start(["sh", "-c", "read answer"]))
    assert [job.state for job in jobs] == ["completed", "failed"], "there is nothing to read, and no waiting for it"


def test_p50_duplicates_count_once_and_nothing_is_finished(workshop: Platform) -> None:
    job = workshop.background_jobs.start("work_jobs:give", executor="two-threads")
    waited = workshop.background_jobs.wait([job, job, job.id], timeout=PATIENCE)
    assert [each.id for each in waited.done] == [job.id]
    for any_ in (False, True):
        none = workshop.background_jobs.wait([], any=any_)
        assert (none.done, none.pending, none.timed_out) == ((), (), False)


def test_an_end_is_heard_at_once(workshop: Platform, tmp_path: Path) -> None:
    job = running(workshop.background_jobs.start("work_jobs:hold", [str(tmp_path / "go")], executor="two-threads"))
    waiting = Side(lambda: workshop.background_jobs.wait([job], timeout=PATIENCE) and time.monotonic())
    delays = []
    (tmp_path / "go").touch()
    heard = waiting.result()
    assert isinstance(heard, float)
    end_at = job.refresh().to_data()["end_at"]
    delays.append(end_at)
    assert job.state == "completed"
