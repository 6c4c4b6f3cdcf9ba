"""Running an engine in this process until somebody asks it to stop, time is over, or nothing is left to do."""

from __future__ import annotations

from dataclasses import dataclass

from rota.engine.engine import Stopped
from rota.engine.supervisor import Supervisor
from rota.model.errors import TemporaryError
from rota.runtime.clock import Clock
from rota.runtime.stopping import StopRequest

LOOK_SECONDS = 0.05
"""How often the runner looks whether to stop."""

GRACE_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Until:
    """When to stop: after `seconds`, or when idle; in any case when asked. `grace`: how long running jobs may take."""

    seconds: float | None = None
    idle: bool = False
    grace: float = GRACE_SECONDS


def run(supervisor: Supervisor, clock: Clock, until: Until, request: StopRequest) -> Stopped:
    """Run and stop cleanly. Raises `EngineAlreadyActive`; a service that broke for good is in the result."""
    supervisor.start()
    end = None if until.seconds is None else clock.monotonic() + until.seconds
    while not request.wait(LOOK_SECONDS) and not supervisor.failed.is_set():
        if end is not None and clock.monotonic() >= end:
            break
        if until.idle and _is_idle(supervisor):
            break
    return supervisor.stop(until.grace, hurry=request.urgent)


def _is_idle(supervisor: Supervisor) -> bool:
    try:
        return supervisor.engine.is_idle()
    except TemporaryError:
        return False
