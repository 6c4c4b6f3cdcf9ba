"""The public face of Rota in Python: `rota.connect(...)` gives a `Platform`.

Handles are thin: they hold an id and what was last read, and call the same actions as the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rota.app import rights
from rota.app.administration_handles import AuditLog, Locks, Users
from rota.app.background_jobs import BackgroundJobs
from rota.app.configuration_handles import Configurations
from rota.app.context import Context
from rota.app.hosting import Host
from rota.app.logs import tell_logging
from rota.app.runner import GRACE_SECONDS, Until, run
from rota.app.scheduled_handles import ScheduledJobs
from rota.app.settings import read_settings
from rota.app.wiring import make_context, make_supervisor
from rota.model.acts import Act
from rota.model.event import Announce
from rota.runtime.stopping import StopRequest
from rota.store import schema


def connect(database: str | None = None, *, user: str | None = None) -> Platform:
    """Connect to the database at `database`, an SQLAlchemy URL; without one, to the one that the settings name.

    `user` is who acts; whoever can open a database is believed. Raises `UserNotFound`, `NotPermitted` for a disabled
    one, and `DatabaseOlder` and its kin where the database is not of this version.
    """
    context = make_context(read_settings({"database": database, "user": user}))
    try:
        schema.require_current(context.store)
        rights.require_user(context)
    except BaseException:
        context.store.close()
        raise
    return Platform(context)


class Platform:
    """Scheduled and background jobs of one database. Usable from several threads; close it, or use it in a `with`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.background_jobs = BackgroundJobs(context)
        self.scheduled_jobs = ScheduledJobs(context)
        self.configurations = Configurations(context)
        self.users = Users(context)
        self.locks = Locks(context)
        self.audit = AuditLog(context)

    def process_jobs(self, limit: int | None = None, *, until_idle: bool = False) -> int:
        """Run the engine here until everything that was due has run; returns how many attempts ended.

        With `limit` it begins no more than that many. With `until_idle` it goes on until nothing is left to do at all:
        no restart, no job for later. Raises `EngineAlreadyActive` where an SQLite database has an engine already.
        """
        rights.require(self._context, Act.ENGINE_RUN)
        supervisor = make_supervisor(self._context, tell_logging, limit=limit)
        until = Until(idle=until_idle, done=not until_idle)
        stopped = run(supervisor, self._context.clock, until, StopRequest())
        if stopped.failure is not None:
            raise stopped.failure
        return supervisor.engine.dispatcher.ended

    @contextmanager
    def engine(
        self, *, standby: bool = True, tell: Announce | None = None, grace: float = GRACE_SECONDS
    ) -> Iterator[Host]:
        """Host an engine in the background of this process while inside.

        Where another process has the engine of an SQLite database, this one stands by and takes over when that is gone;
        without `standby` it raises `EngineAlreadyActive`. At the end running jobs get `grace` seconds before they are
        handed back. What happens is told to `tell`, or else logged as `rota.engine`. Raises `NotPermitted` here; the
        right is not asked for again while inside, whatever becomes of the user.
        """
        rights.require(self._context, Act.ENGINE_RUN)
        told = tell or tell_logging
        host = Host(self._context, lambda: make_supervisor(self._context, told), told, grace=grace, standby=standby)
        host.start()
        try:
            yield host
        finally:
            host.stop()

    def close(self) -> None:
        """Close every connection."""
        self._context.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
