"""Wiring: the one place where parts are made and joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rota.app.context import Context
from rota.app.settings import Settings
from rota.runtime.clock import Clock, SystemClock
from rota.store import Store

if TYPE_CHECKING:
    from rota.app.reloading import Reloader
    from rota.engine.supervisor import Supervisor
    from rota.executors.base import Executor
    from rota.model.definition import ExecutorSpec
    from rota.model.event import Announce


TRANSACTIONS = "rota.store.completion:StoreTransactions"
"""Where executors get the transactions of methods, by name: worker processes are told it."""


def make_context(settings: Settings, clock: Clock | None = None) -> Context:
    """A context on the database of the settings. Nothing is opened yet."""
    return Context(Store(settings.database), clock or SystemClock(), settings.user)


def make_supervisor(
    context: Context,
    tell: Announce,
    *,
    scheduling: bool = True,
    lease: float | None = None,
    limit: int | None = None,
    reloader: Reloader | None = None,
) -> Supervisor:
    """An engine on the context's database, ready to start. `lease` is in seconds, `limit` a number of attempts.

    With a `reloader`, it follows configurations as long as it runs. Whether the user may run an engine is asked by
    whoever wants it, once, and not for each engine that takes its place.
    """
    # Only who runs an engine imports one: most commands do not.
    from rota.app.answering import Answering
    from rota.engine.engine import LEASE_SECONDS, Engine
    from rota.engine.supervisor import Supervisor
    from rota.executors.registry import make
    from rota.model.attempt import TransactionSource
    from rota.runtime.timer import SystemTimer

    clock = context.clock
    transactions = TransactionSource(TRANSACTIONS, context.store.full_url)

    def make_executor(spec: ExecutorSpec) -> Executor:
        return make(spec.kind, spec.workers, now=clock.now, transactions=transactions)

    engine = Engine(
        context.store,
        clock,
        SystemTimer(clock),
        make_executor=make_executor,
        tell=tell,
        answer=Answering(context),
        roots=context.roots,
        lease=LEASE_SECONDS if lease is None else lease,
        scheduling=scheduling,
        limit=limit,
    )
    if reloader is None:
        return Supervisor(engine)
    supervisor = Supervisor(engine, {"reloader": reloader})
    reloader.wake = engine.wakers["reloader"]
    return supervisor
