"""A database with the trial configuration, and engines in processes of their own that a test may kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rota.model.background_job import BackgroundJob
from rota.store import Store, background_jobs
from rota.testing import apply_configuration, make_store, queue_job
from tests.support.command_line import environment
from tests.support.trial import trial_jobs
from tests.support.waiting import PATIENCE, wait_for

SCRIPT = Path(__file__).with_name("engine_script.py")
LEASE = 1.0
"""Seconds; short, so that a killed node is found soon."""


class EngineProcess:
    """An engine that runs until it is stopped or killed. `log` is what it said."""

    def __init__(self, database: str, log: Path, lease: float) -> None:
        self.file = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), database, str(lease)],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> str:
        return self.file.read_text()

    def started(self) -> EngineProcess:
        """Wait until it runs."""
        wait_for(lambda: "engine.started" in self.log or self.process.poll() is not None, "an engine that runs")
        assert self.process.poll() is None, self.log
        return self

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask it to stop, and return its exit code."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@pytest.fixture
def database(database_url: str) -> str:
    return database_url


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = make_store(database)
    yield store
    store.close()


@pytest.fixture
def apply(store: Store) -> Callable[[dict[str, Any]], None]:
    """Applies a configuration of the trial jobs."""

    def apply(jobs: dict[str, Any]) -> None:
        facts: dict[str, Any] = {"modules": ["trial_jobs"], "path": [trial_jobs.FOLDER]}
        apply_configuration(store, {"idle": {"method": "trial_jobs:give"}, **jobs}, now=datetime.now(UTC), **facts)

    return apply


@pytest.fixture
def queue(store: Store, apply: Callable[..., None]) -> Callable[..., str]:
    """Queues a job of the trial configuration, which is applied."""
    apply({})

    def queue(function: str | None = None, **values: Any) -> str:
        method = f"trial_jobs:{function}" if function else None
        return queue_job(store, now=datetime.now(UTC), method=method, configuration="trial", **values)

    return queue


@pytest.fixture
def start_engine(database: str, store: Store, tmp_path: Path) -> Iterator[Callable[..., EngineProcess]]:
    """Starts engines; what still runs in the end is stopped, and must have stopped cleanly."""
    engines: list[EngineProcess] = []

    def start(lease: float = LEASE) -> EngineProcess:
        engines.append(EngineProcess(database, tmp_path / f"engine-{len(engines)}.log", lease))
        return engines[-1]

    yield start
    for engine in engines:
        if engine.process.poll() is None:
            try:
                assert engine.stop() == 0, engine.log
            finally:
                engine.process.kill()
                engine.process.wait()


@pytest.fixture
def job(store: Store) -> Callable[[str], BackgroundJob]:
    """Reads a background job."""

    def read(job_id: str) -> BackgroundJob:
        with store.read() as tx:
            return background_jobs.get(tx, job_id)

    return read


@pytest.fixture
def finished(job: Callable[[str], BackgroundJob]) -> Callable[..., list[BackgroundJob]]:
    """Waits for the ends of jobs."""

    def wait(*jobs: str) -> list[BackgroundJob]:
        wait_for(lambda: all(job(each).finished for each in jobs), "the ends of all jobs", patience=60)
        return [job(each) for each in jobs]

    return wait
