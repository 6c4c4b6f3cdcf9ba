"""The supervisor: gives every service of an engine a thread, and brings the engine to a clean stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from rota.engine.engine import Engine, HasRunOnce, Stopped
from rota.model.errors import TemporaryError
from rota.model.event import Event, Name
from rota.model.transitions import Stop
from rota.runtime.service import Service

TIDY_SECONDS = 5.0
"""How long an attempt that a stopping engine cancels may take to tidy up before it is killed."""

KILLED_SECONDS = 10.0
"""How long to wait for the ends of killed attempts to be stored."""

TURN_SECONDS = 0.1
"""How long a service that starts waits at most for the first pass of the one before.

All at once they would keep the dispatcher from its first jobs, and open a connection each where in turn they share two
or three. What they look after is safe meanwhile: the node was registered just now, for at least a second.
"""

REMIND_SECONDS = 15.0
"""How often a trouble that lasts is told again."""


class Supervisor:
    """Runs an engine in the background of this process. `failed` is set when a service broke for good.

    Services `beside` the engine's own, by name, run as long as it claims jobs.
    """

    def __init__(self, engine: Engine, beside: Mapping[str, HasRunOnce] | None = None) -> None:
        self.engine = engine
        self._beside = dict(beside or {})
        self._failure: BaseException | None = None
        self._broken: set[str] = set()
        self._troubled: set[str] = set()
        self._tell_again_at: dict[str, float] = {}
        self._troubles = threading.Lock()
        self.failed = threading.Event()
        self._on_failed: Callable[[], None] | None = None
        self._services = [
            Service(
                name,
                unit.run_once,
                clock=engine.clock,
                timer=engine.timer,
                temporary=TemporaryError,
                on_trouble=self._on_trouble,
                on_recovery=self._on_recovery,
                on_failure=self._on_failure,
            )
            for name, unit in {**engine.services, **self._beside}.items()
        ]
        engine.wakers.update({service.name: service.wake for service in self._services})

    def on_failed(self, call: Callable[[], None]) -> None:
        """Have `call` called when a service breaks for good; it must not block."""
        self._on_failed = call

    def start(self) -> None:
        """Take the engine's place and start its services, the dispatcher first. Raises `EngineAlreadyActive`."""
        engine = self.engine
        engine.take_place()
        engine.timer.start()
        engine.tell(Event(Name.ENGINE_STARTED, engine.clock.now(), {"node": engine.identity.name}))
        for service in sorted(self._services, key=lambda each: each.name != "dispatcher"):
            service.start()
            service.wait_for_pass(TURN_SECONDS)

    def stop(self, grace: float, *, hurry: threading.Event | None = None) -> Stopped:
        """Claim nothing more, let running attempts end for `grace` seconds, then hand them back; stop everything.

        `hurry`, once set, ends the waiting, and so it does when nothing is left but parents whose children nobody runs.
        A handed-back attempt spends no restart.
        """
        engine = self.engine
        facts = {"running": len(engine.live), "grace": grace}
        engine.tell(Event(Name.ENGINE_STOPPING, engine.clock.now(), facts))
        engine.dispatcher.stop_claiming()
        self._stop_services("scheduler", *self._beside)
        self._let_end(grace, hurry)
        if len(engine.live):
            self._end_by_force()
        self._stop_services(*engine.services)
        engine.timer.stop()
        engine.queues.close()
        self._leave()
        handed_back = engine.dispatcher.handed_back
        engine.tell(Event(Name.ENGINE_STOPPED, engine.clock.now(), {"handed_back": handed_back}))
        return Stopped(handed_back, self._failure)

    def _leave(self) -> None:
        """Store what the closing executors still reported, and go. If that fails, the next engine or node tidies up."""
        for service, act in (("dispatcher", self.engine.dispatcher.run_once), ("heartbeat", self.engine.leave_place)):
            try:
                act()
            except Exception as error:  # noqa: BLE001 -- whatever broke one part, the engine gives up its place
                self._on_failure(service, error)

    def _let_end(self, grace: float, hurry: threading.Event | None) -> None:
        end = self.engine.clock.monotonic() + grace
        while (left := end - self.engine.clock.monotonic()) > 0:
            if self.engine.live.wait_until_none(min(left, 0.1)):
                return
            if self.failed.is_set() or (hurry is not None and hurry.is_set()):
                return
            if self.engine.answerer.stands_still():
                return

    def _end_by_force(self) -> None:
        """The stopper cancels and, after a moment, kills; the dispatcher stores the ends as handed back."""
        engine = self.engine
        engine.stopper.stop_all(Stop.SHUTDOWN, TIDY_SECONDS)
        for service in self._services:
            service.wake()
        if "dispatcher" not in self._broken:
            engine.live.wait_until_none(TIDY_SECONDS + KILLED_SECONDS)

    def _stop_services(self, *names: str) -> None:
        for service in reversed(self._services):
            if service.name in names:
                service.stop()

    def _on_trouble(self, service: str, error: Exception) -> None:
        """Told once, and now and then again: a database that is away troubles every service, and each tries again."""
        text, now = str(error), self.engine.clock.monotonic()
        with self._troubles:
            self._troubled.add(service)
            if now < self._tell_again_at.get(text, now):
                return
            self._tell_again_at[text] = now + REMIND_SECONDS
        facts = {"service": service, "error": error}
        self.engine.tell(Event(Name.SERVICE_TROUBLED, self.engine.clock.now(), facts))

    def _on_recovery(self, service: str) -> None:
        with self._troubles:
            self._troubled.discard(service)
            if not self._troubled:
                self._tell_again_at.clear()

    def _on_failure(self, service: str, error: BaseException) -> None:
        self._failure = self._failure or error
        self._broken.add(service)
        self.engine.tell(Event(Name.SERVICE_FAILED, self.engine.clock.now(), {"service": service, "error": error}))
        self.failed.set()
        if self._on_failed is not None:
            self._on_failed()
