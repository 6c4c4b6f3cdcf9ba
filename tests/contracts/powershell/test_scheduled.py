"""Runs of scheduled jobs, as PowerShell's scheduled jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rota.app.facade import Platform
from rota.model.errors import WrongState
from rota.store import Store
from rota.testing import apply_configuration
from tests.support.command_line import rota
from tests.support.running import Running
from tests.support.waiting import wait_for
from tests.support.workshop import make_platform
from tests.support.workshop.patience import data, finished, running


def test_p88_every_run_is_a_job_of_the_same_name_with_its_own_begin(workshop: Platform) -> None:
    idle = workshop.scheduled_jobs.get("idle")
    runs = [finished(workshop, idle.start())[0] for _ in range(2)]
    listed = workshop.background_jobs.list(name="idle")
    assert [job.id for job in listed] == [runs[1].id, runs[0].id]
    assert runs[0].to_data()["begin_at"] < runs[1].to_data()["begin_at"]


def test_p90_each_consumer_gets_a_runs_results(workshop: Platform) -> None:
    [run] = finished(workshop, workshop.scheduled_jobs.get("seven").start())
    assert (data(run), data(run), data(run, consumer="tomorrow")) == ([7], [], [7])


def test_p93_a_run_by_hand_is_stored_like_any_other(workshop: Platform) -> None:
    idle = workshop.scheduled_jobs.get("idle")
    [run] = finished(workshop, idle.start())
    last = idle.refresh().last_job
    assert last is not None
    assert (last.id, workshop.background_jobs.get(run.id).state) == (run.id, "completed")


def test_p94_what_is_switched_off_can_still_be_started(workshop: Platform) -> None:
    idle = workshop.scheduled_jobs.get("idle")
    idle.set(use=False)
    assert idle.refresh().next_start is None
    assert finished(workshop, idle.start())[0].state == "completed"


def test_p96_removing_one_run_leaves_the_others(workshop: Platform) -> None:
    idle = workshop.scheduled_jobs.get("idle")
    runs = [finished(workshop, idle.start())[0] for _ in range(2)]
    runs[0].remove()
    assert [job.id for job in workshop.background_jobs.list(scheduled_job="idle")] == [runs[1].id]


def test_p91_the_newest_runs_are_kept_and_clearing_them_stops_no_new_ones(platform: Platform, store: Store) -> None:
    make_platform(store, retention={"age": "7d", "count": 3})
    idle = platform.scheduled_jobs.get("idle")
    runs = []
    for _ in range(5):
        runs.append(idle.start())
        platform.process_jobs()
    newest = [run.id for run in reversed(runs)][:3]
    with platform.engine():
        wait_for(lambda: [run.id for run in platform.background_jobs.list(scheduled_job="idle")] == newest)
        for run in platform.background_jobs.list(scheduled_job="idle"):
            run.remove()
        assert platform.background_jobs.list(scheduled_job="idle") == []
        assert finished(platform, idle.start())[0].state == "completed"


def test_p92_what_is_due_during_a_run_waits_for_its_end_and_starts_once(workshop: Platform, tmp_path: Path) -> None:
    go = tmp_path / "go"
    idle = workshop.scheduled_jobs.get("idle")
    every_second = {"days_repeat_period": 1, "repeat_period_in_day": "1s"}
    held = workshop.scheduled_jobs.create("held", name="mine", parameters={"file": str(go)}, schedule=every_second)

    def runs() -> list[dict[str, Any]]:
        return [run.to_data() for run in workshop.background_jobs.list(scheduled_job="mine")][::-1]

    wait_for(lambda: [run["state"] for run in runs()] == ["running"])
    first = runs()[0]

    def two_more_are_due() -> bool:
        next_start = held.refresh().next_start
        return next_start is not None and next_start < datetime.now(UTC) - timedelta(seconds=1)

    wait_for(two_more_are_due, "two more to be due")
    assert len(runs()) == 1, "none beside it"
    assert finished(workshop, idle.start())[0].state == "completed", "another job is not held up"
    with pytest.raises(WrongState, match=f"'mine' runs already, as background job {first['id']}"):
        held.start()
    go.touch()
    second = wait_for(lambda: [run for run in runs() if run["begin_at"] and run["id"] != first["id"]])[0]
    assert second["begin_at"] >= runs()[0]["end_at"]
    held.set(use=False)


def test_p95_deleting_a_scheduled_job_leaves_the_run_that_goes_on(workshop: Platform, tmp_path: Path) -> None:
    go = tmp_path / "go"
    made = workshop.scheduled_jobs.create("held", name="mine", parameters={"file": str(go)})
    run = running(made.start())
    made.delete()
    assert workshop.scheduled_jobs.find(name="mine") == []
    go.touch()
    assert finished(workshop, run)[0].result == "held"


def test_p97_a_broken_configuration_takes_neither_definitions_nor_their_history(
    workshop: Platform, store: Store, tmp_path: Path
) -> None:
    [run] = finished(workshop, workshop.scheduled_jobs.get("seven").start())
    (tmp_path / "broken.yaml").write_text("rota: 1\nconfiguration: {name: workshop}\njobs: {seven: {method: [}\n")
    url = store._url.render_as_string(hide_password=False)
    assert rota("apply", "broken.yaml", database=url, cwd=tmp_path).returncode == 1
    assert [job.id for job in workshop.background_jobs.list(scheduled_job="seven")] == [run.id]
    assert finished(workshop, workshop.scheduled_jobs.get("seven").start())[0].result == 7


def test_p98_a_run_whose_engine_died_is_found_lost_and_can_be_removed(
    platform: Platform, store: Store, tmp_path: Path
) -> None:
    url = store._url.render_as_string(hide_password=False)
    made = platform.scheduled_jobs.create("held", name="mine", parameters={"file": str(tmp_path / "never")})
    run = made.start()
    with Running("run", "--no-apply", "--lease", "1s", database=url, cwd=tmp_path) as engine:
        engine.wait_for("mine                  started")
        engine.signal(signal.SIGKILL)
        engine.end()
    with Running("run", "--no-apply", "--lease", "1s", database=url, cwd=tmp_path) as engine:
        engine.wait_for("failed: ")
        engine.signal(signal.SIGTERM)
        assert engine.end() == 0
    assert (run.refresh().state, [attempt.end for attempt in run.attempts]) == ("failed", ["lost"])
    run.remove()
    assert platform.background_jobs.list() == []


def test_p99_a_renamed_job_keeps_its_runs_under_their_old_name(platform: Platform, store: Store) -> None:
    run = platform.scheduled_jobs.get("seven").start()
    jobs = {"eight": {"method": "work_jobs:give", "renamed_from": "seven"}}
    apply_configuration(store, jobs, now=platform._context.now(), name="workshop", modules=["work_jobs"])
    assert [(job.id, job.name) for job in platform.background_jobs.list(scheduled_job="eight")] == [(run.id, "seven")]
