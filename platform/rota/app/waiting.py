"""Waiting for the ends of background jobs, and for any change in general. Every interface waits here."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from math import inf
from types import TracebackType
from typing import Self

from rota.app import background, rights
from rota.app.arguments import require_seconds
from rota.app.context import Context
from rota.model.background_job import BackgroundJob
from rota.model.errors import JobNotFound
from rota.model.states import FINISHED
from rota.store import background_jobs
from rota.store.waiters import waiter_of

ENGINE_CHECK_SECONDS = 1.0
"""How often somebody who waits makes sure that an engine is there, and says that somebody waits."""


@dataclass(frozen=True, slots=True)
class Waited:
    """What a wait found: the jobs that are finished, first those that ended first; the others; whether time ran out."""

    done: tuple[BackgroundJob, ...]
    pending: tuple[BackgroundJob, ...]
    timed_out: bool


class Watch:
    """Waits for changes until `timeout` seconds are over (None: for ever). Use it in a `with`."""

    def __init__(self, context: Context, timeout: float | None) -> None:
        require_seconds("timeout", timeout)
        self._context = context
        self._end = None if timeout is None else context.clock.monotonic() + timeout
        self._waiter = waiter_of(context.store)
        self._said_mark: float | None = None

    @property
    def is_over(self) -> bool:
        return self._seconds_left() <= 0

    def wait(self, jobs: AbstractSet[str] | None = None) -> None:
        """Return when something may have changed, or one of `jobs` have ended, if they are given; or time is over.

        Raises `EngineNotActive` where nothing would ever change.
        """
        while (left := self._seconds_left()) > 0:
            self._make_sure_of_engine()
            if self._waiter.wait(left, jobs):
                return

    def _seconds_left(self) -> float:
        return inf if self._end is None else self._end - self._context.clock.monotonic()

    def _make_sure_of_engine(self) -> None:
        """Of those who sleep while another one listens, nobody has to: whoever finds no engine wakes the next one."""
        mark = self._context.clock.monotonic()
        if self._said_mark is None or mark - self._said_mark >= ENGINE_CHECK_SECONDS:
            self._context.require_engine()
            self._waiter.say_waiting()
            self._said_mark = mark

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._waiter.close()


def wait(context: Context, ids: Sequence[str], *, timeout: float | None, any_: bool = False) -> Waited:
    """Wait until all jobs, or with `any_` one of them, are finished, or `timeout` seconds are over; 0 is a look.

    A job that is named twice counts once; no jobs at all are finished. Raises `EngineNotActive` where nobody would ever
    run them, and `JobNotFound`.
    """
    wanted = list(dict.fromkeys(ids))
    with Watch(context, timeout) as watch:
        while True:
            pending = _unfinished(context, wanted)
            enough = len(pending) < len(wanted) or not wanted if any_ else not pending
            if enough or watch.is_over:
                return _waited(context, wanted, timed_out=not enough)
            watch.wait(pending)


def _unfinished(context: Context, ids: Sequence[str]) -> set[str]:
    with context.store.read() as tx:
        states = background_jobs.states(tx, ids, user=rights.sees_only(context, tx))
    for job in ids:
        if job not in states:
            raise JobNotFound("background job", job)
    return {job for job in ids if states[job] not in FINISHED}


def _waited(context: Context, ids: Sequence[str], *, timed_out: bool) -> Waited:
    jobs = background.get_all(context, ids)
    done = sorted((job for job in jobs if job.finished), key=_end_of)
    return Waited(tuple(done), tuple(job for job in jobs if not job.finished), timed_out)


def _end_of(job: BackgroundJob) -> datetime:
    return job.end_at or job.created_at
