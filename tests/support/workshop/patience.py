"""Waiting for jobs of the workshop, with a limit that fails the test."""

from __future__ import annotations

from typing import Any

from rota.app.facade import Platform
from rota.app.job_handle import Job
from tests.support.waiting import PATIENCE, wait_for


def finished(platform: Platform, *jobs: Any) -> list[Job]:
    """The jobs, once all of them have ended."""
    waited = platform.background_jobs.wait(jobs, timeout=PATIENCE)
    assert not waited.timed_out, [job.to_data() for job in waited.pending]
    return [job.refresh() for job in jobs]


def running(job: Job) -> Job:
    """The job, once it runs."""
    wait_for(lambda: job.refresh().state != "queued")
    assert job.state == "running", job.to_data()
    return job


def data(job: Job, **how: Any) -> list[Any]:
    """The data of what a consumer receives now."""
    return [record.data for record in job.receive(**how)]
