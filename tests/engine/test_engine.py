"""The engine as a whole, run by hand: its place on the database, and when it is idle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from rota.engine.engine import Engine
from rota.executors.registry import make
from rota.model.errors import EngineAlreadyActive
from rota.model.lock import LockName
from rota.store import Store, nodes
from rota.testing import ManualTimer, SettableClock, apply_configuration
from tests.support.node import ON_POSTGRESQL, ON_SQLITE, Node, held, release

Queue = Callable[..., str]


def test_it_is_idle_when_nothing_runs_waits_or_is_due(
    node: Node, apply: Callable[..., None], queue: Queue, clock: SettableClock, tmp_path: Path
) -> None:
    assert node.engine.is_idle()
    job = held(queue, tmp_path)
    assert not node.engine.is_idle()
    node.begin(job)
    assert not node.engine.is_idle()
    release(tmp_path)
    node.finish(job)
    assert node.engine.is_idle()
    apply({"later": {"method": "trial_jobs:give", "schedule": {"days_repeat_period": 1, "begin_time": "13:00"}}})
    assert node.engine.is_idle()
    clock.advance(timedelta(hours=1))
    assert not node.engine.is_idle()


@pytest.mark.parametrize("name", LockName)
def test_what_a_lock_keeps_from_starting_is_not_waited_for(
    node: Node, queue: Queue, lock: Callable[..., None], name: LockName, tmp_path: Path
) -> None:
    running = held(queue, tmp_path)
    node.begin(running)
    lock(name)
    assert not node.engine.is_idle(), "a job runs"
    release(tmp_path)
    node.finish(running)
    hourly = {"method": "trial_jobs:give", "schedule": {"days_repeat_period": 1}}
    apply_configuration(node.store, {"hourly": hourly}, now=node.clock.now(), modules=["trial_jobs"])
    assert node.engine.is_idle(), "an occurrence is due, and may not start"
    queue("give")
    assert node.engine.is_idle() == (name is not LockName.SCHEDULED_JOBS)


def test_without_scheduling_it_starts_no_scheduled_job(store: Store, clock: SettableClock) -> None:
    engine = Engine(
        store,
        clock,
        ManualTimer(clock),
        make_executor=lambda spec: make(spec.kind, spec.workers, now=clock.now),
        tell=lambda _event: None,
        scheduling=False,
    )
    assert "scheduler" not in engine.services
    assert engine.is_idle()


@ON_SQLITE
def test_one_engine_takes_its_place_on_a_file(node: Node, make_node: Callable[..., Node]) -> None:
    with pytest.raises(EngineAlreadyActive, match=f"process {node.engine.identity.process}"):
        make_node()


@ON_POSTGRESQL
def test_any_number_of_nodes_take_their_places_on_a_server(make_node: Callable[..., Node], store: Store) -> None:
    made = {make_node().engine.identity.incarnation for _ in range(3)}
    with store.read() as tx:
        assert {each.id for each in nodes.active(tx)} == made


def test_nodes_share_the_work_and_each_job_runs_once(
    make_node: Callable[..., Node], apply: Callable[..., None], queue: Queue, store: Store
) -> None:
    apply()
    crowd = [make_node() for _ in range(1 if store.is_sqlite else 3)]
    jobs = [queue("give", parameters=[number]) for number in range(60)]
    for node in crowd:
        node.run("dispatcher")
    for node in crowd:
        node.dispatch_until(lambda node=node: len(node.engine.live) == 0)  # type: ignore[misc]
    done = [crowd[0].job(job) for job in jobs]
    assert [(each.result, each.attempt) for each in done] == [(number, 1) for number in range(60)]
