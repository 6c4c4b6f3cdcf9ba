"""A client in a process of its own, to be killed: `python -m tests.chaos.client DATABASE NOTES SEED`.

It starts jobs of many kinds, and notes outside the database what it is about to start and what it was told. Where the
database cannot be reached it tries again, as a program would that must not lose an order.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy

import rota
from rota import Platform, RetryPolicy
from rota.model.errors import JobNotFound, KeyInUse, TemporaryError
from rota.runtime.stopping import StopRequest, stop_on_signals
from tests.chaos import jobs, notes

POLICY = RetryPolicy(count=20, interval=0.2)
"""Of jobs that the chaos alone is to interrupt: more restarts than any of them meets."""

AGAIN_AFTER = 0.2
"""Seconds until the database is tried again."""


class _NotAfterAll(Exception):
    """The program decides against its transaction."""


class Client:
    """Starts jobs, one after the other."""

    def __init__(
        self, platform: Platform, database: str, file: Path, choose: random.Random, request: StopRequest
    ) -> None:
        self._platform = platform
        self._request = request
        self._engine = sqlalchemy.create_engine(database)
        self._file = file
        self._choose = choose
        self._started: deque[str] = deque(maxlen=10)

    def act(self) -> None:
        """Start something, or cancel something."""
        acts = [self.start] * 6 + [self.transaction] * 2 + [self.start_many, self.map_, self.cancel]
        self._choose.choice(acts)()

    def start(self) -> None:
        """One job with an id of ours, so that the same start again is no second job."""
        method, parameters, how = self._some_job()
        wish = self._wish("start")
        while not self._request.asked:
            try:
                job = self._platform.background_jobs.start(method, parameters, id=wish, **how)
            except KeyInUse:
                break
            except TemporaryError:
                self._request.wait(AGAIN_AFTER)
            else:
                self._note_done(job.id)
                break

    def _some_job(self) -> tuple[str, list[Any], dict[str, Any]]:
        """A method with parameters, and how it is to be started."""
        choice = self._choose.choice
        seconds = choice([0.0, 0.1, 0.4, 2.5])
        doomed = RetryPolicy(count=self._choose.randrange(3), interval=0.1)
        ways: list[tuple[str, list[Any], dict[str, Any]]] = [
            (jobs.WORK, [seconds], {}),
            (jobs.WORK, [0.0, 1], {}),
            (jobs.WORK, [0.0, 99], {"retry": doomed}),
            (jobs.WORK, [seconds / 5], {"key": f"line {choice('abc')}", "on_conflict": "wait"}),
            (jobs.WORK, [seconds / 5], {"key": f"single {choice('abc')}", "on_conflict": "skip"}),
            (f"{jobs.__name__}:book", [seconds / 5], {}),
            (f"{jobs.__name__}:parent", [choice([1, 2, 3])], {}),
        ]
        method, parameters, how = choice(ways)
        return method, parameters, {"executor": choice(["thread", "processes"]), "retry": POLICY, **how}

    def transaction(self) -> None:
        """A job in a transaction of ours, with a row of ours; now and then we decide against it."""
        wish, wanted = self._wish("transaction"), self._choose.random() < 0.7
        try:
            with self._engine.begin() as connection:
                connection.execute(sqlalchemy.text("INSERT INTO chaos_order VALUES (:id)"), {"id": wish})
                self._platform.background_jobs.start(jobs.WORK, id=wish, retry=POLICY, connection=connection)
                if not wanted:
                    raise _NotAfterAll
        except _NotAfterAll:
            notes.add(self._file, undone=wish)
        except (TemporaryError, sqlalchemy.exc.DBAPIError):
            pass  # it may be stored or not; the order says which
        else:
            self._note_done(wish)

    def start_many(self) -> None:
        try:
            started = self._platform.background_jobs.start_many(jobs.WORK, [[0.1]] * 5, executor="thread", retry=POLICY)
        except TemporaryError:
            return
        for job in started:
            self._note_done(job)

    def map_(self) -> None:
        try:
            job = self._platform.background_jobs.map(jobs.WORK, [0.1] * 4, parallel=2, executor="thread", retry=POLICY)
        except TemporaryError:
            return
        self._note_done(job.id)

    def cancel(self) -> None:
        """Something that was started not long ago."""
        try:
            if self._started:
                self._platform.background_jobs.get(self._choose.choice(self._started)).cancel()
        except (TemporaryError, JobNotFound):
            pass

    def _wish(self, act: str) -> str:
        wish = uuid4().hex
        notes.add(self._file, wish=wish, act=act)
        return wish

    def _note_done(self, job: str) -> None:
        notes.add(self._file, done=job)
        self._started.append(job)


def connect(database: str, request: StopRequest) -> Platform | None:
    """A platform, once the database can be reached; None if the program is to stop before."""
    while not request.asked:
        try:
            return rota.connect(database)
        except TemporaryError:
            request.wait(AGAIN_AFTER)
    return None


def end_with_parent() -> None:
    """Wait for the end of standard input, which is that of whoever started this program."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def main(database: str, folder: str, seed: str) -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    choose = random.Random(seed)
    with stop_on_signals(StopRequest()) as request:
        platform = connect(database, request)
        if platform is not None:
            client = Client(platform, database, Path(folder, notes.CLIENTS, str(os.getpid())), choose, request)
            while not request.wait(choose.uniform(0.05, 0.25)):
                client.act()


if __name__ == "__main__":
    main(*sys.argv[1:])
