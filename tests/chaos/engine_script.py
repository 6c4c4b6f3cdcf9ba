"""An engine in a process of its own, to be killed: `python engine_script.py DATABASE LEASE`.

It prints what it announces, a line each, and ends as `rota run` does: cleanly on SIGTERM, with 4 where an engine runs
already. Lines on its standard input starve it and mislead it: `clock SECONDS` sets its clock that much ahead of the
machine's, `room BYTES` lets no file that it writes grow beyond so many, `room` alone lets them grow again.
"""

from __future__ import annotations

import os
import resource
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from rota.app.answering import Answering
from rota.app.runner import Until, run
from rota.app.settings import read_settings
from rota.app.wiring import TRANSACTIONS, make_context
from rota.engine.engine import Engine
from rota.engine.supervisor import Supervisor
from rota.executors.registry import make
from rota.model.attempt import TransactionSource
from rota.model.errors import EngineAlreadyActive
from rota.model.event import Event
from rota.runtime.clock import SystemClock
from rota.runtime.stopping import StopRequest, stop_on_signals
from rota.runtime.timer import SystemTimer

GRACE = 4
"""Seconds that running jobs get when it is asked to stop."""


class SteppedClock(SystemClock):
    """The machine's clock, set to something else. Like a real step, this does not touch the monotonic time."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


class SteppedTimer(SystemTimer):
    """The timer as it is on a machine with that clock."""

    def __init__(self, clock: SteppedClock) -> None:
        super().__init__(SystemClock())
        self._stepped = clock

    def wake_at(self, name: str, instant: datetime, wake: Callable[[], None]) -> None:
        super().wake_at(name, instant - self._stepped.ahead, wake)


def say(event: Event) -> None:
    facts = {name: str(value) for name, value in event.facts.items() if value is not None}
    print(event.name, facts, flush=True)  # noqa: T201 -- what it is for


def obey(clock: SteppedClock) -> None:
    """Do what the lines on standard input say, and end with whoever writes them."""
    unread = b""
    # Not `sys.stdin`: a thread that reads it when the program ends is a fatal error.
    while piece := os.read(0, 1024):
        *lines, unread = (unread + piece).split(b"\n")
        for line in lines:
            order, *number = line.split()
            if order == b"clock":
                clock.ahead = timedelta(seconds=float(number[0]))
            else:
                _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
                resource.setrlimit(resource.RLIMIT_FSIZE, (int(number[0]) if number else most, most))
    os._exit(1)


def main(database: str, lease: str) -> int:
    clock = SteppedClock()
    threading.Thread(target=obey, args=(clock,), daemon=True).start()
    context = make_context(read_settings({"database": database}, {}), clock)
    transactions = TransactionSource(TRANSACTIONS, context.store.full_url)
    engine = Engine(
        context.store,
        clock,
        SteppedTimer(clock),
        make_executor=lambda spec: make(spec.kind, spec.workers, now=clock.now, transactions=transactions),
        tell=say,
        answer=Answering(context),
        lease=float(lease),
    )
    with stop_on_signals(StopRequest()) as request:
        try:
            stopped = run(Supervisor(engine), clock, Until(grace=GRACE), request)
        except EngineAlreadyActive as error:
            print(error, flush=True)  # noqa: T201
            return 4
    context.store.close()
    return 1 if stopped.failure else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
