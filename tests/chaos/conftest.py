"""A database with the trial configuration, and engines in processes of their own that a test may kill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rota.model.background_job import BackgroundJob
from rota.store import Store, background_jobs
from rota.testing import apply_configuration, make_store, queue_job
from tests.chaos.processes import EngineProcess
from tests.support.trial import trial_jobs
from tests.support.waiting import wait_for

LEASE = 1.0
"""Seconds; short, so that a killed node is found soon."""


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
        try:
            assert not engine.is_alive or engine.stop() == 0, engine.log
        finally:
            engine.clean_up()


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
