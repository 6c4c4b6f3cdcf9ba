"""A database with a configuration, a clock that stands still, and nodes that are run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from rota.model.lock import Lock, LockName
from rota.model.scheduled_job import ScheduledJob
from rota.store import Store, locks, nodes, scheduled_jobs
from rota.store.nodes import Node as NodeRow
from rota.testing import SettableClock, apply_configuration, queue_job
from tests.support.node import Node
from tests.support.trial import trial_jobs

IDLE = {"idle": {"method": "trial_jobs:give"}}
"""A job without a schedule: a configuration needs one."""


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def apply(store: Store, clock: SettableClock) -> Callable[..., None]:
    """Applies a configuration of the trial jobs: `apply({"name": {...}}, executors=...)`."""

    def apply(jobs: dict[str, Any] | None = None, **header: Any) -> None:
        facts = {"modules": ["trial_jobs"], "path": [trial_jobs.FOLDER], **header}
        apply_configuration(store, jobs or IDLE, now=clock.now(), **facts)

    return apply


@pytest.fixture
def make_node(store: Store, clock: SettableClock) -> Iterator[Callable[..., Node]]:
    """Makes nodes on the test's database that have taken their place."""
    with ExitStack() as stack:

        def make(*, on: SettableClock | None = None, **facts: Any) -> Node:
            node = Node(store, on or clock, **facts).enter()
            stack.callback(node.close)
            return node

        yield make


@pytest.fixture
def node(make_node: Callable[..., Node], apply: Callable[..., None]) -> Node:
    """One node, on a database with a configuration applied."""
    apply()
    return make_node()


@pytest.fixture
def scheduled(store: Store) -> Callable[[str], ScheduledJob]:
    """Reads a scheduled job by its name."""

    def read(name: str) -> ScheduledJob:
        with store.read() as tx:
            return scheduled_jobs.find(tx, name)

    return read


@pytest.fixture
def queue(store: Store, clock: SettableClock) -> Callable[..., str]:
    """Queues a job of the trial configuration."""

    def queue(function: str, **values: Any) -> str:
        return queue_job(
            store, now=clock.now(), method=f"trial_jobs:{function}", **{"configuration": "trial", **values}
        )

    return queue


@pytest.fixture
def register(store: Store, clock: SettableClock) -> Callable[[str], str]:
    """Makes a node known to the database that nobody runs; its lease is 15 seconds."""

    def register(name: str) -> str:
        row = NodeRow(
            id=name,
            name=name,
            host="elsewhere",
            process=1,
            started_at=clock.now(),
            seen_at=clock.now(),
            beat=0,
            lease=15,
            slots={},
        )
        with store.write() as tx:
            nodes.register(tx, row)
        return name

    return register


@pytest.fixture
def lock(store: Store, clock: SettableClock) -> Callable[..., None]:
    """Takes a lock as ann, for a new disk."""

    def take(name: LockName, **values: Any) -> None:
        facts = {"holder": "ann", "reason": "a new disk", "since": clock.now(), **values}
        with store.write() as tx:
            locks.take(tx, Lock(name=name, **facts), clock.now())

    return take
