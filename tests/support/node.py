"""An engine whose services a test runs by hand, pass by pass, on a clock that it moves. The executors are real."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rota.engine.engine import LEASE_SECONDS, Engine
from rota.executors.registry import make
from rota.model.background_job import BackgroundJob
from rota.model.event import Announce, Event
from rota.model.states import State
from rota.runtime.service import Pass
from rota.store import Store, background_jobs
from rota.testing import ManualTimer, SettableClock
from tests.support.waiting import PATIENCE

ON_SQLITE = pytest.mark.parametrize("store", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("store", ["postgresql"], indirect=True)
"""For what only one of the databases has."""


class Node:
    """Take its place with `enter`; close it in the end. `heard` is every event it told of."""

    def __init__(
        self, store: Store, clock: SettableClock, *, lease: float = LEASE_SECONDS, tell: Announce | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.timer = ManualTimer(clock)
        self.heard: list[Event] = []
        self.engine = Engine(
            store,
            clock,
            self.timer,
            make_executor=lambda spec: make(spec.kind, spec.workers, now=clock.now),
            tell=tell or self.heard.append,
            lease=lease,
        )
        self.claims_store = self.engine.dispatcher._store
        """The connections that claims go by."""
        self._woken = threading.Event()
        self.engine.wakers["dispatcher"] = self._woken.set

    def enter(self) -> Node:
        self.engine.take_place()
        return self

    def run(self, service: str) -> Pass:
        """One pass of a service."""
        return self.engine.services[service].run_once()

    def dispatch_until(self, done: Callable[[], bool]) -> None:
        """Passes of the dispatcher, one whenever an attempt reports something, until `done`."""
        while True:
            self._woken.clear()
            again = self.run("dispatcher").again
            if done():
                return
            assert again or self._woken.wait(PATIENCE), "no attempt reported anything"

    def finish(self, *jobs: str) -> list[BackgroundJob]:
        """Dispatch until each of these jobs has left `running` and `queued`; returns them."""
        away = (State.QUEUED, State.RUNNING)
        self.dispatch_until(lambda: all(self.job(job).state not in away for job in jobs))
        return [self.job(job) for job in jobs]

    def begin(self, *jobs: str) -> None:
        """Dispatch, and wait until the methods of these jobs have been called."""
        self.run("dispatcher")
        lives = [live for live in self.engine.live.all() if live.lease.attempt.job in jobs]
        assert len(lives) == len(jobs)
        pause = threading.Event()
        for live in lives:
            for _ in range(int(PATIENCE / 0.005)):
                if live.began_at is not None:
                    break
                pause.wait(0.005)
            assert live.began_at is not None

    def wait_for_report(self) -> None:
        """Wait until an attempt has ended or a record timer would be due."""
        assert self._woken.wait(PATIENCE), "no attempt reported anything"
        self._woken.clear()

    def job(self, job: str) -> BackgroundJob:
        with self.store.read() as tx:
            return background_jobs.get(tx, job)

    def told(self, name: str) -> list[dict[str, Any]]:
        """The facts of the events of that name."""
        return [dict(event.facts) for event in self.heard if event.name == name]

    def close(self) -> None:
        """Kill what still runs, leave the database."""
        self.engine.queues.close()
        self.engine.leave_place()


def held(queue: Callable[..., str], folder: Path, **values: Any) -> str:
    """A job that runs until the file `go` is there."""
    return queue("hold", parameters={"folder": str(folder)}, **values)


def release(folder: Path) -> None:
    (folder / "go").touch()
