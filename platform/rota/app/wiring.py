"""Wiring: the one place where parts are made and joined."""

from __future__ import annotations

from rota.app.context import Context
from rota.app.settings import Settings
from rota.engine.engine import LEASE_SECONDS, Engine
from rota.engine.supervisor import Supervisor
from rota.executors.base import Executor
from rota.executors.registry import make
from rota.model.definition import ExecutorSpec
from rota.model.event import Announce
from rota.runtime.clock import SystemClock
from rota.runtime.timer import SystemTimer
from rota.store import Store


def make_context(settings: Settings) -> Context:
    """A context on the database of the settings. Nothing is opened yet."""
    return Context(Store(settings.database), SystemClock(), settings.user)


def make_supervisor(
    context: Context, tell: Announce, *, scheduling: bool = True, lease: float = LEASE_SECONDS
) -> Supervisor:
    """An engine on the context's database, ready to start. `lease` is in seconds."""
    clock = context.clock

    def make_executor(spec: ExecutorSpec) -> Executor:
        return make(spec.kind, spec.workers, now=clock.now)

    engine = Engine(
        context.store,
        clock,
        SystemTimer(clock),
        make_executor=make_executor,
        tell=tell,
        lease=lease,
        scheduling=scheduling,
    )
    return Supervisor(engine)
