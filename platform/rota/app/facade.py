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
from rota.app.background_handles import BackgroundJobs
from rota.app.context import Context
from rota.app.runner import GRACE_SECONDS, Until, run
from rota.app.scheduled_handles import ScheduledJobs
from rota.app.settings import read_settings
from rota.app.wiring import make_context, make_supervisor
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
        self.users = Users(context)
        self.locks = Locks(context)
        self.audit = AuditLog(context)

    def process_jobs(self, *, until_idle: bool = True, seconds: float | None = None) -> None:
        """Run the engine here until nothing is left to do, or for `seconds`.

        Raises `EngineAlreadyActive` where an SQLite database has an engine already.
        """
        supervisor = make_supervisor(self._context, _silent)
        stopped = run(supervisor, self._context.clock, Until(idle=until_idle, seconds=seconds), StopRequest())
        if stopped.failure is not None:
            raise stopped.failure

    @contextmanager
    def engine(self, *, tell: Announce | None = None, grace: float = GRACE_SECONDS) -> Iterator[None]:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _silent(_event: object) -> None:
    """Nobody listens."""
