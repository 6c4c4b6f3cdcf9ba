"""An engine in the background of a program that has other work: what `with platform.engine()` is.

Several processes of a program may each host one. On PostgreSQL they are nodes that share the work. On SQLite one of
them has the engine, and the others stand by and take over when it is gone. An engine that broke begins again.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from rota.app.context import Context
from rota.engine.supervisor import Supervisor
from rota.model.errors import EngineAlreadyActive, RotaError
from rota.model.event import Announce, Event, Name

LOOK_SECONDS = 1.0
"""How often one that stands by looks whether the place is free."""

PAUSE_SECONDS = 5.0
"""How long to wait before an engine that broke begins again."""


class Host:
    """Hosts an engine from `start` to `stop`. `make` makes a new one; `grace` is in seconds."""

    def __init__(
        self, context: Context, make: Callable[[], Supervisor], tell: Announce, *, grace: float, standby: bool
    ) -> None:
        self._context = context
        self._make = make
        self._tell = tell
        self._grace = grace
        self._standby = standby
        self._process = os.getpid()
        self._stopping = threading.Event()
        self._changed = threading.Event()
        self._supervisor: Supervisor | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._keep, name="rota-host", daemon=True)

    @property
    def is_active(self) -> bool:
        """Whether the engine runs here, and not elsewhere or nowhere."""
        return self._supervisor is not None

    def start(self) -> None:
        """Run the engine, or stand by. Raises `EngineAlreadyActive` where that is not wanted."""
        try:
            self._supervisor = self._begin()
        except EngineAlreadyActive as error:
            if not self._standby:
                raise
            self._tell(Event(Name.ENGINE_STANDS_BY, self._context.now(), {"reason": str(error)}))
        self._thread.start()

    def stop(self) -> None:
        """Stop in good order. Raises what broke the engine, if that was the last of it.

        Does nothing in a process that was forked meanwhile: the engine is its parent's.
        """
        if os.getpid() != self._process:
            return
        self._stopping.set()
        self._changed.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _begin(self) -> Supervisor:
        supervisor = self._make()
        supervisor.on_failed(self._changed.set)
        supervisor.start()
        return supervisor

    def _keep(self) -> None:
        """Keep the engine running, or look for the place to be free, until told to stop."""
        while not self._stopping.is_set():
            if self._supervisor is None:
                self._try_to_begin()
                continue
            self._changed.wait()
            self._changed.clear()
            if not self._stopping.is_set():
                self._end(self._supervisor, grace=0)
                self._stopping.wait(PAUSE_SECONDS)
        if self._supervisor is not None:
            self._end(self._supervisor, self._grace)

    def _try_to_begin(self) -> None:
        try:
            if not self._context.store.is_sqlite or not self._context.engine_is_active():
                self._supervisor = self._begin()
                self._failure = None
                return
        except EngineAlreadyActive:
            pass  # somebody else was quicker
        except RotaError as error:
            facts = {"service": "engine", "error": error}
            self._tell(Event(Name.SERVICE_TROUBLED, self._context.now(), facts))
        self._stopping.wait(LOOK_SECONDS)

    def _end(self, supervisor: Supervisor, grace: float) -> None:
        self._supervisor = None
        self._failure = supervisor.stop(grace).failure
