"""Background jobs in Python: what `platform.background_jobs` is made of."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from rota.app import background, commands, mapping, scheduled, waiting
from rota.app.arguments import require_instant
from rota.app.background import Filter
from rota.app.context import Context
from rota.app.job_handle import Job
from rota.app.start_options import OnConflict, Start
from rota.app.starting import Starter
from rota.model.command import OK_EXIT_CODES, Command
from rota.model.errors import UsageError
from rota.model.retry import NO_RESTARTS, RetryPolicy
from rota.model.states import State
from rota.store.enlisting import CallersConnection


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
            retry=retry or NO_RESTARTS,
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
            retry=retry or NO_RESTARTS,
            timeout=timeout,
            delay=delay,
            due_at=due_at,
            on_conflict=on_conflict,
        )
        return self._starter.start_many(method, parameters, how, keys, connection)

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
            name=name, key=key, executor=executor, priority=priority, retry=retry or NO_RESTARTS, timeout=timeout
        )
        return Job(
            self._context, mapping.start_map(self._context, self._starter, method, items, how, parallel=parallel)
        )

    def start_command(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        working_directory: str | os.PathLike[str] | None = None,
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

        `environment` is added to the engine's; `working_directory` is absolute, and on SQLite it must exist. With a
        `key`, only one active job per program may have it. The rest is as with `start`. Raises `UsageError`,
        `KeyInUse`, `IdInUse`.
        """
        if isinstance(argv, str):
            raise UsageError(f"a command is a list of a program and its arguments, such as {argv.split()!r}")
        command = Command(
            argv=tuple(argv),
            environment=environment or {},
            working_directory=None if working_directory is None else os.fspath(working_directory),
            ok_exit_codes=ok_exit_codes,  # type: ignore[arg-type]  # what it is is checked with the rest
        )
        how = Start(
            id=id,
            key=key,
            name=name,
            executor=commands.EXECUTOR,
            priority=priority,
            retry=retry or NO_RESTARTS,
            timeout=timeout,
            delay=delay,
            due_at=due_at,
            on_conflict=on_conflict,
        )
        started = commands.start_command(self._context, self._starter, command, how)
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
        require_instant("ended_after", ended_after)
        require_instant("ended_before", ended_before)
        states = (state,) if isinstance(state, str) else tuple(state)
        for each in states:
            if each not in set(State):
                raise UsageError(f"state {each!r}: it is one of {', '.join(State)}")
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

    def wait(
        self,
        jobs: Job | str | Sequence[Job | str],
        *,
        timeout: float | None = None,
        any: bool = False,  # noqa: A002 -- the word that callers read
    ) -> WaitResult:
        """Wait until all `jobs`, or any one of them, are finished, or `timeout` seconds; 0 is a look.

        Raises `EngineNotActive` where nobody would ever run them.
        """
        given = [jobs] if isinstance(jobs, Job | str) else jobs
        ids = [job.id if isinstance(job, Job) else job for job in given]
        waited = waiting.wait(self._context, ids, timeout=timeout, any_=any)
        done, pending = ([Job(self._context, seen.id, seen) for seen in part] for part in (waited.done, waited.pending))
        return WaitResult(done, pending, timed_out=waited.timed_out)
