"""The listener: notices what others commit, and passes the word on."""

from __future__ import annotations

from rota.engine.listener import Listener
from rota.store import Store
from rota.store.wakeups import Change, wake_engines, wakeups_of
from rota.testing import SettableClock, queue_job
from tests.support.node import Node
from tests.support.waiting import wait_for


def test_it_tells_of_changes_that_others_made(store: Store, clock: SettableClock) -> None:
    told: list[bool] = []
    wakeups = wakeups_of(store)
    listener = Listener(wakeups, on_change=lambda _: told.append(True))
    try:
        first = listener.run_once()  # whatever happened before it listened
        assert (first.counts, first.again) == ({"changes": 1}, True)
        wait_for(lambda: listener.run_once().counts == {"changes": 0})
        told.clear()
        with store.write() as tx:
            wake_engines(tx)
        queue_job(store, now=clock.now(), method="trial_jobs:give")
        wait_for(lambda: listener.run_once().counts == {"changes": 1})
        assert told
    finally:
        wakeups.close()


def test_what_it_hears_wakes_the_services(node: Node, store: Store, clock: SettableClock) -> None:
    woken: list[str] = []
    for name in ("scheduler", "dispatcher", "stopper"):
        node.engine.wakers[name] = lambda name=name: woken.append(name)  # type: ignore[misc]
    node.run("listener")
    assert woken == ["dispatcher", "scheduler", "stopper"]


def test_new_jobs_wake_the_dispatcher_alone(node: Node, store: Store, clock: SettableClock) -> None:
    woken: list[str] = []
    wait_for(lambda: node.engine.services["listener"].run_once().counts == {"changes": 0})
    for name in ("scheduler", "dispatcher", "stopper"):
        node.engine.wakers[name] = lambda name=name: woken.append(name)  # type: ignore[misc]
    with store.write() as tx:
        wake_engines(tx, Change.JOBS)
    wait_for(lambda: node.engine.services["listener"].run_once().counts == {"changes": 1})
    assert woken == ["dispatcher"]
