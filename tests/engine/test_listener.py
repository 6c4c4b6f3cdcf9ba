"""The listener: notices what others commit, and passes the word on."""

from __future__ import annotations

from rota.engine.listener import Listener
from rota.store import Store
from rota.store.wakeups import Channel, Heard, Word, wake_dispatchers, wake_engines, wakeups_of
from rota.testing import SettableClock, queue_job
from tests.support.node import Node
from tests.support.waiting import wait_for


def test_it_tells_of_changes_that_others_made(store: Store, clock: SettableClock) -> None:
    told: list[Heard] = []
    wakeups = wakeups_of(store)
    listener = Listener(wakeups, on_words=told.append)
    try:
        first = listener.run_once()  # whatever happened before it listened
        assert first.counts["words"]
        assert first.again
        wait_for(lambda: listener.run_once().counts == {"words": 0})
        told.clear()
        with store.write() as tx:
            wake_engines(tx)
        queue_job(store, now=clock.now(), method="trial_jobs:give")
        wait_for(lambda: listener.run_once().counts == {"words": 1})
        assert Word(Channel.CHANGES) in told[0]
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
    wait_for(lambda: node.engine.services["listener"].run_once().counts == {"words": 0})
    for name in ("scheduler", "dispatcher", "stopper"):
        node.engine.wakers[name] = lambda name=name: woken.append(name)  # type: ignore[misc]
    with store.write() as tx:
        wake_dispatchers(tx, ["thread"])
    wait_for(lambda: node.engine.services["listener"].run_once().counts == {"words": 1})
    assert woken == ["dispatcher"]
