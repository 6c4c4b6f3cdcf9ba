"""Background jobs in Python: what `platform.background_jobs` is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rota.app import background, scheduled
from rota.app.background import Filter
from rota.app.context import Context
from rota.app.start_options import OnConflict, Start
from rota.app.starting import Starter
from rota.model.background_job import AttemptRecord, BackgroundJob
from rota.model.outcome import ErrorInfo
from rota.model.record import Record
from rota.model.retry import RetryPolicy
from rota.model.states import State
from rota.model.values import Json
from rota.store.enlisting import CallersConnection


class Job:
    """A background job. Its properties are as of the last `refresh`, or of the first look at one of them."""

    def __init__(self, context: Context, job_id: str, seen: BackgroundJob | None = None) -> None:
        self._context = context
        self.id = job_id
        self._read = seen

    @property
    def _seen(self) -> BackgroundJob:
        # Somebody who only starts a job does not pay for reading it.
        if self._read is None:
            self._read = background.get(self._context, self.id)
        return self._read

    @property
    def name(self) -> str:
        return self._seen.name

    @property
    def state(self) -> State:
        return self._seen.state

    @property
    def reason(self) -> str | None:
        """Why it is in this state, where that needs saying."""
        return self._seen.reason

    @property
    def result(self) -> Json:
        """What the method returned."""
        return self._seen.result

    @property
    def error(self) -> ErrorInfo | None:
        return self._seen.error

    @property
    def attempt(self) -> int:
        """The number of the newest attempt; 0 before the first."""
        return self._seen.attempt

    @property
    def attempts(self) -> tuple[AttemptRecord, ...]:
        """The attempts that have ended."""
        return self._seen.attempts

    @property
    def finished(self) -> bool:
        return self._seen.finished

    def to_data(self) -> dict[str, Any]:
        """Every field, as the JSON form has them."""
        return self._seen.to_data()

    def refresh(self) -> Job:
        """Read it again."""
        self._read = background.get(self._context, self.id)
        return self

    def records(self, after: int = 0) -> list[Record]:
        """Everything that it emitted, from record number `after` + 1 on."""
        return background.output(self._context, self.id, after)

    def cancel(self, grace: float | None = None) -> Job:
        """Ask for it to be cancelled; a running one gets `grace` seconds before it is ended by force."""
        background.cancel(self._context, self.id, grace)
        return self.refresh()

    def wait(self, timeout: float | None = None) -> Job:
        """Wait until it is finished, or `timeout` seconds. Raises `EngineNotActive` where nobody would run it."""
        background.wait(self._context, [self.id], timeout=timeout)
        return self.refresh()

    def __repr__(self) -> str:
        return f"<Job {self.id} {self.name} {self.state}>"


class WaitResult:
    """What a wait found: `done` and `pending` jobs, and whether time ran out."""

    def __init__(self, done: Sequence[Job], pending: Sequence[Job], *, timed_out: bool) -> None:
        self.done = tuple(done)
        self.pending = tuple(pending)
        self.timed_out = timed_out


class BackgroundJobs:
    """The background jobs of a platform."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._starter = Starter(context)

    def check(self, method: str) -> None:
        """Make sure that `method` may be started, and can be. Raises `MethodNotAllowed` or `UnknownMethod`."""
        self._starter.find(method)

    def start(
        self,
        method: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        id: str | None = None,  # noqa: A002 -- the word that callers read
        key: str | None = None,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
        delay: timedelta | float | None = None,
        due_at: datetime | None = None,
        on_conflict: OnConflict = "error",
        connection: CallersConnection | None = None,
    ) -> Job:
        """Start `method` ("module:function") in the background. When this returns, the job is stored.

        Parameters go by name or by position and are checked against signature and type hints. `timeout` and `delay` are
        in seconds. With a `key`, only one active job per method may have it; about a second one `on_conflict` says:
        "error", "skip" (the holder is returned) or "wait" (it runs after those that came before). The same start again
        with the same `id` returns the first one's job. With `connection`, an SQLAlchemy connection or session on the
        same database, the job exists if and only if its transaction commits.
        Raises `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`, `IdInUse`.
        """
        how = Start(
            id=id,
            key=key,
            name=name,
            executor=executor,
            priority=priority,
            retry=retry or RetryPolicy(),
            timeout=timeout,
            delay=delay,
            due_at=due_at,
            on_conflict=on_conflict,
        )
        started = self._starter.start(method, parameters, how, connection)
        return Job(self._context, started.id, started)

    def start_many(
        self,
        method: str,
        parameters: Sequence[Mapping[str, Any] | Sequence[Any] | None],
        *,
        keys: Sequence[str | None] | None = None,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
        delay: timedelta | float | None = None,
        due_at: datetime | None = None,
        on_conflict: OnConflict = "error",
        connection: CallersConnection | None = None,
    ) -> list[str]:
        """Start one job for each of `parameters`, all or none, in one round trip; returns their ids.

        `keys` holds a key, or None, for each of them; the rest is as with `start`. Where `on_conflict` is "skip", the
        id of a key's holder stands in the place of the job that was not started.
        """
        how = Start(
            name=name,
            executor=executor,
            priority=priority,
            retry=retry or RetryPolicy(),
            timeout=timeout,
            delay=delay,
            due_at=due_at,
            on_conflict=on_conflict,
        )
        return self._starter.store_many(self._starter.prepare_many(method, parameters, how, keys), connection)

    def get(self, selector: str) -> Job:
        """The job of that id, unambiguous prefix of an id, or the newest of that name. Raises `JobNotFound`."""
        seen = background.get(self._context, selector)
        return Job(self._context, seen.id, seen)

    def list(
        self,
        *,
        state: str | Sequence[str] = (),
        name: str | None = None,
        method: str | None = None,
        key: str | None = None,
        scheduled_job: str | None = None,
        newest: int = 100,
    ) -> Sequence[Job]:
        """The jobs that meet every condition given, newest first. `name` may hold `*`."""
        states = (state,) if isinstance(state, str) else tuple(state)
        wanted = Filter(
            states=tuple(State(each) for each in states),
            name=name,
            method=method,
            key=key,
            scheduled_job=scheduled.find(self._context, scheduled_job).id if scheduled_job else None,
            newest=newest,
        )
        return [Job(self._context, seen.id, seen) for seen in background.select(self._context, wanted)]

    def wait(self, jobs: Sequence[Job | str], *, timeout: float | None = None, any: bool = False) -> WaitResult:  # noqa: A002 -- the word that callers read
        """Wait until all `jobs`, or any one of them, are finished, or `timeout` seconds; 0 is a look.

        Raises `EngineNotActive` where nobody would ever run them.
        """
        ids = [job.id if isinstance(job, Job) else job for job in jobs]
        waited = background.wait(self._context, ids, timeout=timeout, any_=any)
        done, pending = ([Job(self._context, seen.id, seen) for seen in part] for part in (waited.done, waited.pending))
        return WaitResult(done, pending, timed_out=waited.timed_out)
