"""Background jobs in Python: what `platform.background_jobs` is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rota.app import background, commands, mapping, receiving, removal, scheduled, waiting
from rota.app.background import Filter
from rota.app.context import Context
from rota.app.receiving import Wanted
from rota.app.start_options import OnConflict, Start
from rota.app.starting import Starter
from rota.model.background_job import AttemptRecord, BackgroundJob, Progress
from rota.model.command import OK_EXIT_CODES, Command
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

    @property
    def parent(self) -> str | None:
        """The id of the job that started it, if a job did."""
        return self._seen.parent

    @property
    def progress(self) -> Progress:
        """What it told of last: `fraction` from 0 to 1, and `text`."""
        return self._seen.progress

    @property
    def unread(self) -> bool:
        """Whether there is something that the user of this platform has not received."""
        return bool(self._seen.unread)

    @property
    def open(self) -> bool:
        """Whether more may come."""
        return self._seen.open

    @property
    def child_counts(self) -> Mapping[str, int]:
        """How many children it has in each state; states without any are left out."""
        return self._seen.children or {}

    def children(self) -> list[Job]:
        """Its children, in the order in which they were started."""
        wanted = Filter(parent=self.id, newest=None)
        found = background.select(self._context, wanted)
        return [Job(self._context, seen.id, seen) for seen in reversed(found)]

    def receive(
        self,
        *,
        keep: bool = False,
        consumer: str | None = None,
        streams: Sequence[str] = (),
        children: bool = True,
        from_start: bool = False,
        tail: int | None = None,
    ) -> Iterator[Record]:
        """What it and its children emitted and this consumer, by default the user, has not received; never waits.

        The consumer's place moves once a record was handed out, so that a reader that dies loses nothing; `keep` leaves
        it. `streams` and `children` select, with a place of their own. `from_start` begins with the first record,
        `tail` with so many before the last.
        """
        wanted = Wanted(
            consumer=consumer, streams=streams, children=children, keep=keep, from_start=from_start, tail=tail
        )
        return receiving.receive(self._context, self.id, wanted)

    def follow(
        self,
        *,
        timeout: float | None = None,
        keep: bool = False,
        consumer: str | None = None,
        streams: Sequence[str] = (),
        children: bool = True,
        from_start: bool = False,
        tail: int | None = None,
    ) -> Iterator[Record]:
        """The same as `receive`, and then what comes until the job has ended, or for `timeout` seconds.

        Raises `EngineNotActive` where nothing would ever come.
        """
        wanted = Wanted(
            consumer=consumer, streams=streams, children=children, keep=keep, from_start=from_start, tail=tail
        )
        return receiving.follow(self._context, self.id, wanted, timeout=timeout)

    def remove(self, *, force: bool = False, timeout: float | None = None) -> None:
        """Remove it with its children and records. With `force` it is cancelled first, and its end waited for.

        Raises `WrongState` for a job that has not ended, and for a child, which goes with its parent.
        """
        removal.remove_job(self._context, self.id, force=force, timeout=timeout)

    def cancel(self, grace: float | None = None) -> Job:
        """Ask for it, and its children, to be cancelled; running ones get `grace` seconds before they end by force."""
        background.cancel(self._context, self.id, grace)
        return self.refresh()

    def wait(self, timeout: float | None = None) -> Job:
        """Wait until it is finished, or `timeout` seconds. Raises `EngineNotActive` where nobody would run it."""
        waiting.wait(self._context, [self.id], timeout=timeout)
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

    def map(
        self,
        method: str,
        items: Sequence[Any],
        *,
        parallel: int = mapping.PARALLEL,
        name: str | None = None,
        key: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
    ) -> Job:
        """Start one job that runs `method` for every item, each as a child of it, `parallel` of them at once.

        An item is a mapping or a list of parameters, or a single value for the first one. The job ends with the last
        child, and has failed if one of them has; retry, timeout, executor and priority are those of the children.
        """
        how = Start(
            name=name, key=key, executor=executor, priority=priority, retry=retry or RetryPolicy(), timeout=timeout
        )
        return Job(
            self._context, mapping.start_map(self._context, self._starter, method, items, how, parallel=parallel)
        )

    def start_command(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        working_directory: str | None = None,
        ok_exit_codes: Sequence[int] = OK_EXIT_CODES,
        id: str | None = None,  # noqa: A002 -- as in `start`
        key: str | None = None,
        name: str | None = None,
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
        delay: timedelta | float | None = None,
        due_at: datetime | None = None,
        on_conflict: OnConflict = "error",
    ) -> Job:
        """Start a program with its arguments, which no shell reads. When this returns, the job is stored.

        `environment` is added to the engine's; `working_directory` is absolute. With a `key`, only one active job per
        program may have it. The rest is as with `start`. Raises `UsageError`, `KeyInUse`, `IdInUse`.
        """
        command = Command(
            argv=tuple(argv),
            environment=dict(environment or {}),
            working_directory=working_directory,
            ok_exit_codes=tuple(ok_exit_codes),
        )
        how = Start(
            id=id,
            key=key,
            name=name,
            executor=commands.EXECUTOR,
            priority=priority,
            retry=retry or RetryPolicy(),
            timeout=timeout,
            delay=delay,
            due_at=due_at,
            on_conflict=on_conflict,
        )
        started = self._starter.store(commands.prepare_command(self._context, command, how))
        return Job(self._context, started.id, started)

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
        unread: bool = False,
        children: bool = False,
        ended_after: datetime | None = None,
        ended_before: datetime | None = None,
        newest: int = 100,
    ) -> Sequence[Job]:
        """The jobs that meet every condition given, newest first. `name` and `method` may hold `*`.

        `unread`: only those with something that the user has not received. Children are left out unless `children`, or
        a name, asks for them.
        """
        states = (state,) if isinstance(state, str) else tuple(state)
        wanted = Filter(
            states=tuple(State(each) for each in states),
            name=name,
            method=method,
            key=key,
            scheduled_job=scheduled.find(self._context, scheduled_job).id if scheduled_job else None,
            unread_by=self._context.user if unread else None,
            children=children,
            ended_after=ended_after,
            ended_before=ended_before,
            newest=newest,
        )
        return [Job(self._context, seen.id, seen) for seen in background.select(self._context, wanted)]

    def wait(self, jobs: Sequence[Job | str], *, timeout: float | None = None, any: bool = False) -> WaitResult:  # noqa: A002 -- the word that callers read
        """Wait until all `jobs`, or any one of them, are finished, or `timeout` seconds; 0 is a look.

        Raises `EngineNotActive` where nobody would ever run them.
        """
        ids = [job.id if isinstance(job, Job) else job for job in jobs]
        waited = waiting.wait(self._context, ids, timeout=timeout, any_=any)
        done, pending = ([Job(self._context, seen.id, seen) for seen in part] for part in (waited.done, waited.pending))
        return WaitResult(done, pending, timed_out=waited.timed_out)
