"""The listener: notices what others commit, passes the word on, and has new jobs claimed at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rota.engine.dispatcher import SOON
from rota.engine.listener import Listener
from rota.store import Store
from rota.store.wakeups import Channel, Heard, Word, engine_wakeups_of, wake_dispatchers, wake_engines
from rota.testing import SettableClock, queue_job
from tests.support.node import Node, held, release
from tests.support.stored import breaking
from tests.support.waiting import wait_for


def test_it_tells_of_changes_that_others_made(store: Store, clock: SettableClock) -> None:
    told: list[Heard] = []
    wakeups = engine_wakeups_of(store)
    listener = Listener(wakeups, clock, on_words=told.append, on_silence=lambda: None)
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


def test_it_says_once_that_nothing_more_was_heard(store: Store, clock: SettableClock) -> None:
    silences: list[datetime] = []
    wakeups = engine_wakeups_of(store)
    until = clock.now() + timedelta(seconds=1)
    listener = Listener(wakeups, clock, on_words=lambda _words: until, on_silence=lambda: silences.append(clock.now()))
    try:
        listener.run_once()
        assert silences == []
        clock.set(until)
        wait_for(lambda: listener.run_once().counts == {"words": 0})
        listener.run_once()
        assert silences == [until]
    finally:
        wakeups.close()


def test_what_it_hears_wakes_the_services(node: Node, store: Store, clock: SettableClock) -> None:
    woken = _woken(node)
    node.run("listener")
    assert woken == ["dispatcher", "scheduler", "stopper"]


def test_new_jobs_are_claimed_by_the_thread_that_hears_of_them(
    node: Node, store: Store, queue: Callable[..., str], clock: SettableClock, tmp_path: Path
) -> None:
    job = held(queue, tmp_path, executor="thread")
    woken = _listening(node)
    try:
        _say(node, store)
        assert [live.lease.attempt.job for live in node.engine.live.all()] == [job]
        assert woken == []
        clock.advance(SOON)
        node.run("listener")
        assert "dispatcher" in woken, "to ask what the word left open"
    finally:
        release(tmp_path)


@pytest.mark.parametrize("broken", [False, True])
def test_what_it_cannot_do_for_the_dispatcher_that_does_itself(node: Node, store: Store, *, broken: bool) -> None:
    node.run("dispatcher")
    woken = _listening(node)
    trouble = breaking(node.claims_store, after_commit=False, how="write_by_driver")
    with trouble if broken else nullcontext():
        _say(node, store)  # of jobs that are not there, or not due
    assert woken == ["dispatcher"]


def _woken(node: Node) -> list[str]:
    """The names of the services that are woken from here on."""
    woken: list[str] = []
    for name in ("scheduler", "dispatcher", "stopper"):
        node.engine.wakers[name] = lambda name=name: woken.append(name)  # type: ignore[misc]
    return woken


def _listening(node: Node) -> list[str]:
    """The same, once the listener has heard what happened before."""
    wait_for(lambda: node.run("listener").counts == {"words": 0})
    return _woken(node)


def _say(node: Node, store: Store) -> None:
    with store.write() as tx:
        wake_dispatchers(tx, ["thread"])
    wait_for(lambda: node.run("listener").counts == {"words": 1})
