"""The asynchronous face of Rota in Python: `rota.aconnect(...)` gives the twin of a `Platform`.

The names, arguments and errors are those of the synchronous one; `twin` says how calls are carried out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial, wraps
from types import TracebackType
from typing import Any, Self

from rota.app.administration_handles import AuditLog, Locks, Users
from rota.app.background_jobs import BackgroundJobs, WaitResult
from rota.app.configuration_handles import Configurations
from rota.app.facade import Platform, connect
from rota.app.hosting import Host
from rota.app.job_handle import Job
from rota.app.locks import Held
from rota.app.scheduled_handles import ScheduledJobHandle, ScheduledJobs
from rota.app.twin import Caller, Twin, asynchronous


class AsyncPlatform(Twin[Platform], of=Platform):
    """The twin of `Platform`. Close it, or use it in an `async with`."""

    async def close(self) -> None:
        """Close every connection."""
        await self._caller.call(self._original.close)
        self._caller.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _in_transactions(function: Callable[..., Any]) -> Callable[..., Any]:
    """A start that takes an asynchronous connection or session as well.

    The job is stored in the greenlet that SQLAlchemy runs for it, on the event loop; what takes time, importing the
    method above all, was done in a thread before.
    """
    elsewhere = asynchronous(function)

    @wraps(function)
    async def start(
        self: AsyncBackgroundJobs, method: str, parameters: Any = None, *, connection: Any = None, **options: Any
    ) -> Any:
        if not hasattr(connection, "run_sync"):
            return await elsewhere(self, method, parameters, connection=connection, **options)
        await self._caller.call(self._original.check, method)
        act = partial(function, self._original, method, parameters, **options)
        return self._twin(await connection.run_sync(lambda inner: act(connection=inner)))

    return start


def _read_at_once(function: Callable[..., Job]) -> Callable[..., Any]:
    """A start whose job is read in the same thread: else its first property would be, on the event loop."""

    @wraps(function)
    def start(*arguments: Any, **options: Any) -> Job:
        return function(*arguments, **options).refresh()

    return asynchronous(start)


class AsyncBackgroundJobs(Twin[BackgroundJobs], of=BackgroundJobs):
    """The twin of `BackgroundJobs`."""

    start = _in_transactions(BackgroundJobs.start)
    start_many = _in_transactions(BackgroundJobs.start_many)
    map = _read_at_once(BackgroundJobs.map)


class AsyncScheduledJobs(Twin[ScheduledJobs], of=ScheduledJobs):
    """The twin of `ScheduledJobs`."""


class AsyncConfigurations(Twin[Configurations], of=Configurations):
    """The twin of `Configurations`."""


class AsyncJob(Twin[Job], of=Job):
    """The twin of `Job`. Its properties are as of the last `refresh`."""


class AsyncScheduledJob(Twin[ScheduledJobHandle], of=ScheduledJobHandle):
    """The twin of a scheduled job. Its properties are as of the last `refresh`."""

    start = _read_at_once(ScheduledJobHandle.start)


class AsyncWaitResult(Twin[WaitResult], of=WaitResult):
    """The twin of `WaitResult`."""


class AsyncUsers(Twin[Users], of=Users):
    """The twin of `Users`."""


class AsyncLocks(Twin[Locks], of=Locks):
    """The twin of `Locks`."""


class AsyncHeld(Twin[Held], of=Held):
    """The twin of a lock that is held."""


class AsyncAuditLog(Twin[AuditLog], of=AuditLog):
    """The twin of `AuditLog`."""


class AsyncHost(Twin[Host], of=Host):
    """The twin of `Host`."""


class aconnect:  # noqa: N801 -- it is called like a function, as `connect` is
    """Connect to a database: `await aconnect(...)`, or `async with aconnect(...) as platform`.

    `database` and `user` are as with `connect`.
    """

    def __init__(self, database: str | None = None, *, user: str | None = None) -> None:
        self._caller = Caller()
        self._connect = partial(connect, database, user=user)
        self._platform: AsyncPlatform | None = None

    async def _open(self) -> AsyncPlatform:
        self._platform = AsyncPlatform(await self._caller.call(self._connect), self._caller)
        return self._platform

    def __await__(self) -> Generator[Any, None, AsyncPlatform]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncPlatform:
        return await self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._platform is not None:
            await self._platform.close()
