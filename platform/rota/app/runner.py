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
    """When to stop: after `seconds`, when idle, or when done for now; in any case when asked.

    Idle is who has nothing left to do at all; done for now, who has started all that was due and seen it end. `grace`
    is how long running jobs may take.
    """

    seconds: float | None = None
    idle: bool = False
    done: bool = False
    grace: float = GRACE_SECONDS


def run(supervisor: Supervisor, clock: Clock, until: Until, request: StopRequest) -> Stopped:
    """Run and stop cleanly. Raises `EngineAlreadyActive`; a service that broke for good is in the result."""
    supervisor.start()
    end = None if until.seconds is None else clock.monotonic() + until.seconds
    try:
        while not request.wait(LOOK_SECONDS) and not supervisor.failed.is_set():
            if (end is not None and clock.monotonic() >= end) or _is_enough(supervisor, until):
                break
    except BaseException:  # Ctrl-C in a program that does not ask for it as we do
        supervisor.stop(0)
        raise
    return supervisor.stop(until.grace, hurry=request.urgent)


def _is_enough(supervisor: Supervisor, until: Until) -> bool:
    engine = supervisor.engine
    try:
        if until.idle and not engine.dispatcher.has_enough:
            return engine.is_idle()
        return (until.idle or until.done) and engine.is_done_for_now()
    except TemporaryError:
        return False
