"""The methods of the chaos workload. Each notes outside the database when it begins and when it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from rota import RetryPolicy, current_job
from tests.chaos import notes

WORK = f"{__name__}:work"


def work(seconds: float = 0.0, failures: int = 0) -> dict[str, str]:
    """Take so long; fail the first so many attempts."""
    with _noted() as execution:
        time.sleep(seconds)
        if current_job.attempt <= failures:
            raise ConnectionError(f"attempt {current_job.attempt} fails")
    return {"execution": execution}


def book(seconds: float) -> dict[str, str]:
    """Leave a row that is to be there if and only if this attempt is the one that completes the job."""
    with _noted() as execution:
        time.sleep(seconds)
        with current_job.transaction() as connection:
            row = {"job": current_job.id, "attempt": current_job.attempt}
            connection.execute(text("INSERT INTO chaos_effect (job, attempt) VALUES (:job, :attempt)"), row)
    return {"execution": execution}


def parent(children: int) -> dict[str, Any]:
    """Start children, anew in every attempt where those of the last one are no more, and wait for them."""
    with _noted() as execution:
        started = [
            current_job.start(
                WORK,
                [0.1],
                key=f"{current_job.id} {number}",
                on_conflict="skip",
                executor="thread",
                retry=RetryPolicy(count=20, interval=0.2),
            )
            for number in range(children)
        ]
        current_job.wait(started)
    return {"execution": execution}


@contextmanager
def _noted() -> Iterator[str]:
    """Note the begin and the end of this execution, and give its name."""
    execution = uuid4().hex
    folder = Path(os.environ[notes.FOLDER])
    file = folder / notes.EXECUTIONS / execution
    notes.add(file, job=current_job.id, attempt=current_job.attempt, begun=time.monotonic())
    os.utime(folder / notes.PULSE)
    try:
        yield execution
    except BaseException:
        notes.add(file, ended=time.monotonic(), returned=False)
        raise
    notes.add(file, ended=time.monotonic(), returned=True)
