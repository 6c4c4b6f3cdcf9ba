"""An engine in a process of its own, to be killed: `python engine_script.py DATABASE LEASE`.

It prints what it announces, a line each, and ends as `rota run` does: cleanly on SIGTERM, with 4 where an engine runs
already.
"""

from __future__ import annotations

import sys

from rota.app.runner import Until, run
from rota.app.settings import read_settings
from rota.app.wiring import make_context, make_supervisor
from rota.model.errors import EngineAlreadyActive
from rota.model.event import Event
from rota.runtime.stopping import StopRequest, stop_on_signals


def say(event: Event) -> None:
    facts = {name: str(value) for name, value in event.facts.items() if value is not None}
    print(event.name, facts, flush=True)  # noqa: T201 -- what it is for


def main(database: str, lease: str) -> int:
    context = make_context(read_settings({"database": database}, {}))
    supervisor = make_supervisor(context, say, lease=float(lease))
    with stop_on_signals(StopRequest()) as request:
        try:
            stopped = run(supervisor, context.clock, Until(grace=10), request)
        except EngineAlreadyActive as error:
            print(error, flush=True)  # noqa: T201
            return 4
    context.store.close()
    return 1 if stopped.failure else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
