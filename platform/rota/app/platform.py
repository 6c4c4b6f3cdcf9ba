"""The public face of Rota in Python: `rota.connect(...)` gives a `Platform`.

Handles are thin: they hold an id and what was last read, and call the same actions as the command line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from rota.app import background, scheduled
from rota.app.background import Filter, OnConflict, Start
from rota.app.context import Context
from rota.app.methods import Methods
from rota.app.runner import Until, run
from rota.app.settings import read_settings
from rota.app.wiring import make_context, make_supervisor
from rota.model.background_job import AttemptRecord, BackgroundJob
from rota.model.event import Announce
from rota.model.outcome import ErrorInfo
from rota.model.record import Record
from rota.model.retry import RetryPolicy
from rota.model.scheduled_job import LastJob, ScheduledJob
from rota.model.states import State
from rota.model.values import Json
from rota.runtime.stopping import StopRequest
from rota.schedule import Occurrence
from rota.store import schema


def connect(database: str | None = None, *, user: str | None = None) -> Platform:
    """Connect to the database at `database`, an SQLAlchemy URL; without one, to the one that the settings name.

    Raises `DatabaseOlder` and its kin where the database is not of this version.
    """
    context = make_context(read_settings({"database": database, "user": user}))
    schema.require_current(context.store)
    return Platform(context)


class Platform:
    """Scheduled and background jobs of one database. Usable from several threads; close it, or use it in a `with`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.background_jobs = BackgroundJobs(context)
        self.scheduled_jobs = ScheduledJobs(context)

    def process_jobs(self, *, until_idle: bool = True, seconds: float | None = None) -> None:
        """Run the engine here until nothing is left to do, or for `seconds`.

        Raises `EngineAlreadyActive` where an SQLite database has an engine already.
        """
        supervisor = make_supervisor(self._context, _silent)
        stopped = run(supervisor, self._context.clock, Until(idle=until_idle, seconds=seconds), StopRequest())
        if stopped.failure is not None:
            raise stopped.failure

    @contextmanager
    def engine(self, *, tell: Announce | None = None, grace: float = 30.0) -> Iterator[None]:
        """Run the engine in the background of this process while inside; `grace` is in seconds.

        Raises `EngineAlreadyActive`, and at the end whatever broke the engine.
        """
        supervisor = make_supervisor(self._context, tell or _silent)
        supervisor.start()
        try:
            yield
        finally:
            stopped = supervisor.stop(grace)
        if stopped.failure is not None:
            raise stopped.failure

    def close(self) -> None:
        """Close every connection."""
        self._context.store.close()

    def __enter__(self) -> Platform:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _silent(_event: object) -> None:
    """Nobody listens."""


class Job:
    """A background job. Its properties are as of the last `refresh`."""

    def __init__(self, context: Context, seen: BackgroundJob) -> None:
        self._context = context
        self._seen = seen

    @property
    def id(self) -> str:
        return self._seen.id

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
        self._seen = background.get(self._context, self.id)
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
        self._methods = Methods(context)

    def start(
        self,
        method: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        key: str | None = None,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
        delay: timedelta | None = None,
        due_at: datetime | None = None,
        on_conflict: OnConflict = "error",
    ) -> Job:
        """Start `method` ("module:function") in the background. When this returns, the job is stored.

        Parameters go by name or by position and are checked against signature and type hints. `timeout` is in seconds.
        With a `key`, only one active job per method may have it: `on_conflict` says what to do about a second one.
        Raises `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`.
        """
        how = Start(
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
        return self.get(background.start(self._context, self._methods, method, parameters, how))

    def start_many(
        self,
        method: str,
        parameters: Sequence[Mapping[str, Any] | Sequence[Any] | None],
        *,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
    ) -> list[str]:
        """Start one job for each of `parameters`, all or none, in one round trip; returns their ids."""
        how = Start(name=name, executor=executor, priority=priority, retry=retry or RetryPolicy(), timeout=timeout)
        return background.start_many(self._context, self._methods, method, parameters, how)

    def get(self, selector: str) -> Job:
        """The job of that id, unambiguous prefix of an id, or the newest of that name. Raises `JobNotFound`."""
        return Job(self._context, background.get(self._context, selector))

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
        return [Job(self._context, seen) for seen in background.select(self._context, wanted)]

    def wait(self, jobs: Sequence[Job | str], *, timeout: float | None = None, any: bool = False) -> WaitResult:  # noqa: A002 -- the word that callers read
        """Wait until all `jobs`, or any one of them, are finished, or `timeout` seconds; 0 is a look.

        Raises `EngineNotActive` where nobody would ever run them.
        """
        ids = [job.id if isinstance(job, Job) else job for job in jobs]
        waited = background.wait(self._context, ids, timeout=timeout, any_=any)
        done, pending = ([Job(self._context, seen) for seen in part] for part in (waited.done, waited.pending))
        return WaitResult(done, pending, timed_out=waited.timed_out)


class ScheduledJobHandle:
    """A scheduled job. Its properties are as of the last `refresh`."""

    def __init__(self, context: Context, seen: ScheduledJob) -> None:
        self._context = context
        self._seen = seen

    @property
    def id(self) -> str:
        return self._seen.id

    @property
    def name(self) -> str:
        return self._seen.name

    @property
    def predefined(self) -> bool:
        return self._seen.predefined

    @property
    def use(self) -> bool:
        """Whether it runs on its schedule, overrides considered."""
        return self._seen.use

    @property
    def last_job(self) -> LastJob | None:
        return self._seen.last_job

    @property
    def next_start(self) -> datetime | None:
        return self._seen.next_start

    def to_data(self) -> dict[str, Any]:
        """Every field, as the JSON form has them."""
        return self._seen.to_data()

    def refresh(self) -> ScheduledJobHandle:
        """Read it again."""
        self._seen = scheduled.find(self._context, self.id)
        return self

    def set(self, *, reason: str | None = None, **values: Any) -> ScheduledJobHandle:
        """Override properties, until they are reset: `set(use=False, reason="bank maintenance")`."""
        self._seen = scheduled.override(self._context, self.id, values, reason)
        return self

    def reset(self, *properties: str) -> ScheduledJobHandle:
        """Lift the overrides of `properties`, or all."""
        self._seen = scheduled.reset(self._context, self.id, properties)
        return self

    def start(self) -> Job:
        """Start it now, whatever its schedule says."""
        return Job(self._context, background.get(self._context, scheduled.start(self._context, self.id)))

    def delete(self) -> None:
        """Delete it. Raises `PredefinedJobError` for a predefined one."""
        scheduled.delete(self._context, self.id)

    def next_occurrences(self, count: int = 5) -> list[Occurrence]:
        """Its next nominal occurrences."""
        schedule = self._seen.schedule
        if schedule is None or not self._seen.use:
            return []
        return schedule.next_occurrences(self._context.now(), count, active_since=self._seen.active_since)

    def __repr__(self) -> str:
        return f"<ScheduledJob {self.name} of {self._seen.configuration}>"


class ScheduledJobs:
    """The scheduled jobs of a platform."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, selector: str) -> ScheduledJobHandle:
        """The job of that name, id, or `configuration/name`. Raises `JobNotFound`."""
        return ScheduledJobHandle(self._context, scheduled.find(self._context, selector))

    def find(
        self, *, name: str | None = None, predefined: bool | None = None, use: bool | None = None
    ) -> list[ScheduledJobHandle]:
        """The jobs that meet every condition given, by name; `name` may hold `*`."""
        found = scheduled.select(self._context, name=name, predefined=predefined, use=use)
        return [ScheduledJobHandle(self._context, seen) for seen in found]

    def create(
        self, definition: str, *, name: str, reason: str | None = None, **values: Any
    ) -> ScheduledJobHandle:
        """Make a job by hand from a definition: `create("report", name="Anna's", parameters={...}, schedule={...})`."""
        return ScheduledJobHandle(self._context, scheduled.create(self._context, definition, name, values, reason))
