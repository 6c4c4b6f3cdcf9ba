"""The listener: notices what others commit, and passes the word on."""

from __future__ import annotations

from sqlalchemy import update

from rota.engine.listener import Listener
from rota.store import Store
from rota.store.tables import lock
from rota.store.wakeups import FOR_ENGINES, FOR_WAITERS, wake_engines, wake_waiters, wakeups_of
from rota.testing import SettableClock, queue_job
from tests.support.node import Node
from tests.support.waiting import wait_for


def test_it_tells_of_changes_that_others_made(store: Store, clock: SettableClock) -> None:
    told: list[str] = []
    wakeups = wakeups_of(store, FOR_ENGINES, FOR_WAITERS)
    listener = Listener(wakeups, {FOR_ENGINES: lambda: told.append("change"), FOR_WAITERS: lambda: told.append("end")})
    try:
        first = listener.run_once()  # whatever happened before it listened
        assert (first.counts, first.again) == ({"changes": 2}, True)
        wait_for(lambda: listener.run_once().counts == {"changes": 0})
        told.clear()
        with store.write() as tx:
            wake_engines(tx)
        queue_job(store, now=clock.now(), method="trial_jobs:give")
        wait_for(lambda: listener.run_once().counts != {"changes": 0})
        assert "change" in told
        wait_for(lambda: listener.run_once().counts == {"changes": 0})
        told.clear()
        with store.write() as tx:
            tx.execute(update(lock).values(reason="SQLite notes commits that change something"))
            wake_waiters(tx)
        wait_for(lambda: listener.run_once().counts != {"changes": 0})
        assert told == (["change", "end"] if store.is_sqlite else ["end"])
    finally:
        wakeups.close()


def test_what_it_hears_wakes_the_services(node: Node, store: Store, clock: SettableClock) -> None:
    woken: list[str] = []
    for name in ("scheduler", "dispatcher", "stopper"):
        node.engine.wakers[name] = lambda name=name: woken.append(name)  # type: ignore[misc]
    node.run("listener")
    assert woken == ["scheduler", "dispatcher", "stopper"]
