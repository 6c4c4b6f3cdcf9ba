"""One background job as programs have it: read when it is looked at, and what can be asked of it and done with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.app.facade import Platform
from rota.app.job_handle import Job
from rota.model import errors

LOAD, REPORT, FAILS, WAIT_FOR = (f"shop_jobs:{name}" for name in ("load", "report", "fails", "wait_for"))


def run(platform: Platform, method: str, parameters: object = None) -> Job:
    job = platform.background_jobs.start(method, parameters, executor="thread")  # type: ignore[arg-type]
    platform.process_jobs(until_idle=True)
    return job.refresh()


def test_a_job_from_its_start_to_its_records(platform: Platform) -> None:
    job = platform.background_jobs.start(LOAD, {"currencies": ["USD"]}, key="rates", name="Rates now")
    assert (job.state, job.name, job.attempt, job.finished) == ("queued", "Rates now", 0, False)
    assert job.to_data()["user"] == "alice"
    platform.process_jobs(until_idle=True)
    assert job.state == "queued", "as of the last look"
    assert job.refresh().state == "completed"
    assert (job.result, job.error, job.reason, job.finished) == ({"count": 1}, None, None, True)
    assert [attempt.end for attempt in job.attempts] == ["returned"]
    records = job.records()
    assert [record.number for record in records] == list(range(1, len(records) + 1))
    assert job.records(after=len(records) - 1) == records[-1:]
    assert repr(job) == f"<Job {job.id} Rates now completed>"
    assert platform.background_jobs.get(job.id[:8]).id == job.id
    assert platform.background_jobs.get("Rates now").id == job.id


def test_a_failure_says_what_went_wrong(platform: Platform) -> None:
    job = run(platform, FAILS)
    assert (job.state, job.result, job.reason) == ("failed", None, "ValueError: no bank today")
    assert job.error is not None
    assert (job.error.type, job.error.message) == ("ValueError", "no bank today")
    assert [attempt.error and attempt.error.type for attempt in job.attempts] == ["ValueError"]


def test_progress_stays_as_it_was_told_last(platform: Platform) -> None:
    job = run(platform, LOAD, {"currencies": []})
    assert (job.progress.fraction, job.progress.text) == (0.5, "half way")


def test_what_was_emitted_is_received_once(platform: Platform) -> None:
    job = run(platform, LOAD, {"currencies": ["USD", "GBP"]})
    assert (job.unread, job.open) == (True, False)
    given = [{"loaded": "USD"}, {"loaded": "GBP"}, {"count": 2}]
    assert [record.data for record in job.receive(streams=["output"], keep=True)] == given
    assert [record.data for record in job.receive(streams=["output"], tail=1)] == given[-1:]
    assert list(job.follow(timeout=0)) == job.records()
    assert list(job.receive()) == []
    assert not job.refresh().unread
    assert list(job.receive(consumer="audit")) == list(job.receive(from_start=True)) == job.records()
    with pytest.raises(errors.UsageError, match="no stream 'outptu'"):
        list(job.receive(streams=["outptu"]))


def test_a_map_has_children(platform: Platform) -> None:
    job = platform.background_jobs.map(REPORT, ["Anna", "Bert"], executor="thread")
    first, second = job.children()
    assert (first.parent, second.parent, job.parent) == (job.id, job.id, None)
    assert (job.child_counts, first.child_counts) == ({"queued": 2}, {})
    platform.process_jobs(until_idle=True)
    assert job.refresh().child_counts == {"completed": 2}
    assert [child.result for child in job.children()] == ["Anna None 2", "Bert None 2"]


def test_cancelling(platform: Platform, tmp_path: Path) -> None:
    queued = platform.background_jobs.start(REPORT, {"who": "Anna"})
    assert queued.cancel().state == "cancelled"
    assert queued.cancel().state == "cancelled"
    with platform.engine():
        running = platform.background_jobs.start(WAIT_FOR, {"file": str(tmp_path / "never")})
        while running.refresh().state != "running":
            platform.background_jobs.wait([running], timeout=0.01)
        running.cancel(grace=10)
        assert running.wait(timeout=60).state == "cancelled"


def test_what_has_not_ended_is_removed_by_force_only(platform: Platform) -> None:
    job = platform.background_jobs.start(REPORT, {"who": "Anna"})
    with pytest.raises(errors.WrongState, match="has not ended"):
        job.remove()
    job.remove(force=True)
    with pytest.raises(errors.JobNotFound):
        job.refresh()


def test_waiting_without_an_engine_does_not_hang(platform: Platform) -> None:
    job = platform.background_jobs.start(REPORT, {"who": "Anna"})
    with pytest.raises(errors.EngineNotActive, match="start one with `rota run`"):
        job.wait()
    with pytest.raises(errors.EngineNotActive):
        list(job.follow())
