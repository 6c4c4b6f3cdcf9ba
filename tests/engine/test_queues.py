"""The executors of a node: made as configurations declare them, replaced when that changes, closed when unused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rota.executors.thread import ThreadExecutor
from tests.support.node import Node, held, release

OWN = {"own": {"kind": "thread", "workers": 2}}


def test_built_in_and_declared_executors_have_a_queue_each(node: Node, apply: Callable[..., None]) -> None:
    assert set(node.engine.queues.slots()) == {"process", "thread", "async", "command"}
    apply(executors=OWN)
    node.engine.directory.forget()
    assert node.engine.queues.slots()["trial/own"] == 2


def test_an_executor_stays_as_long_as_it_is_declared_alike(node: Node, apply: Callable[..., None]) -> None:
    apply(executors=OWN)
    node.engine.directory.forget()
    first = node.engine.queues.executors()
    node.engine.directory.forget()
    assert node.engine.queues.executors() == first


def test_one_that_changed_ends_what_it_runs_and_is_closed(
    node: Node, apply: Callable[..., None], queue: Callable[..., str], tmp_path: Path
) -> None:
    apply(executors=OWN)
    node.engine.directory.forget()
    job = held(queue, tmp_path, executor="own")
    node.begin(job)
    old = node.engine.queues.executors()["trial/own"]
    apply(executors={"own": {"kind": "thread", "workers": 5}})
    node.engine.directory.forget()
    assert node.engine.queues.slots()["trial/own"] == 5
    assert node.engine.live.all()[0].executor is old
    node.engine.queues.close_unused({old})
    release(tmp_path)
    assert node.finish(job)[0].result == "held"
    assert node.engine.queues._outgoing == []
    assert isinstance(old, ThreadExecutor)
    assert old._closed


def test_one_that_is_no_longer_declared_takes_nothing_more(node: Node, apply: Callable[..., None]) -> None:
    apply(executors=OWN)
    node.engine.directory.forget()
    node.engine.queues.executors()
    apply()
    node.engine.directory.forget()
    assert "trial/own" not in node.engine.queues.executors()
    node.engine.queues.close_unused(set())
    assert node.engine.queues._outgoing == []
