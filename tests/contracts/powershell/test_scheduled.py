"""Runs of scheduled jobs, as PowerShell's scheduled jobs have them or better. Each test is named after its fact."""

from __future__ import annotations

from rota.app.facade import Platform
from tests.support.workshop.patience import data, finished


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
