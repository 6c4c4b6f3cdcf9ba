"""Tests of sample's jobs. The clock stands still until a test moves it."""

from datetime import UTC, datetime
from pathlib import Path

import sample_jobs

CONFIGURATION = Path(__file__).parent


def test_a_method_is_a_function():
    assert sample_jobs.greet("Ann") == "Hello, Ann!"


def test_files_are_counted(rota_platform, tmp_path):
    (tmp_path / "letter.txt").touch()
    rota_platform.apply(CONFIGURATION)
    start = rota_platform.background_jobs.start
    job = start("sample_jobs:count_files", {"folder": str(tmp_path)})
    rota_platform.run_due()
    assert (job.refresh().state, job.result) == ("completed", 1)


def test_greet_runs_every_five_seconds(rota_platform, rota_clock):
    rota_platform.apply(CONFIGURATION)
    rota_clock.advance(5)
    (job,) = rota_platform.run_due()
    assert (job.name, job.result) == ("greet", "Hello, world!")


def test_count_files_runs_at_seven(rota_platform, rota_clock):
    rota_platform.apply(CONFIGURATION)
    rota_clock.set(datetime(2026, 3, 3, 7, tzinfo=UTC))
    jobs = rota_platform.run_due()
    assert "count-files" in {job.name for job in jobs}
