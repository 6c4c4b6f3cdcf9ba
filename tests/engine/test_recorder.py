"""The recorder: whoever hands it ends gets what became of them, or what kept them from being stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.engine.live import Reported
from rota.engine.recorder import Recorder
from rota.model.errors import DatabaseUnavailable
from rota.model.states import State
from rota.store import Store
from rota.testing import SettableClock
from tests.support.node import Node
from tests.support.stored import breaking


def ended(node: Node, *jobs: str) -> Reported:
    """The reports of jobs that have run to their ends."""
    node.run("dispatcher")
    while len(node.engine.live._reported.ended) < len(jobs):
        node.wait_for_report()
    return node.engine.live.take_reported()


def test_ends_are_stored(node: Node, queue: Callable[..., str], store: Store, clock: SettableClock) -> None:
    jobs = [queue("give"), queue("fail")]
    reported = ended(node, *jobs)
    recorder = Recorder(store, clock)
    recorded = recorder.begin(reported).result()
    recorder.close()
    assert (len(recorded.settled.endings), recorded.at) == (2, clock.now())
    assert [node.job(job).state for job in jobs] == [State.COMPLETED, State.FAILED]


def test_what_kept_ends_from_being_stored_is_raised_where_they_came_from(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    job = queue("give")
    reported = ended(node, job)
    recorder = Recorder(store, clock)
    with breaking(store, after_commit=False), pytest.raises(DatabaseUnavailable):
        recorder.begin(reported).result()
    assert node.job(job).state is State.RUNNING
    recorder.begin(reported).result()
    recorder.close()
    assert node.job(job).state is State.COMPLETED


def test_closing_waits_for_what_is_being_stored(
    node: Node, queue: Callable[..., str], store: Store, clock: SettableClock
) -> None:
    job = queue("give")
    recorder = Recorder(store, clock)
    recorder.begin(ended(node, job))
    recorder.close()
    assert node.job(job).state is State.COMPLETED
