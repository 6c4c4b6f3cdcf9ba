"""Whatever is done to background jobs in any order: their states, attempts and output are those of a simple model."""

from __future__ import annotations

import sys

from tests.machines.jobs import BackgroundJobs
from tests.machines.running import Run


def test_jobs_are_what_the_model_says(run: Run) -> None:
    path = list(sys.path)
    run(BackgroundJobs, few=10, steps=25)
    sys.path[:] = path  # a configuration's folders
