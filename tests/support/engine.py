"""An engine of its own, to be killed: `python engine.py KIND METHOD|ARGV...` starts one attempt.

Every report is a line on stdout; the process goes on until it is killed or its standard input ends.
"""

# ruff: noqa: T201, ARG002 - printing is what it is for, and not every fact of a report is needed

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rota.executors.registry import make
from rota.model.attempt import Answer, Attempt, AttemptId
from rota.model.command import Command
from rota.model.outcome import Outcome
from rota.model.values import Json

METHODS = str(Path(__file__).parent / "methods")
MODULE = {"async": "async_methods"}


class Printer:
    """Meets `Reports`."""

    executor: Any = None

    def began(self, attempt: AttemptId, at: datetime, process: int | None) -> None:
        for worker in getattr(self.executor, "_workers", ()):
            print("worker", worker._process.pid, flush=True)
        print("began", process, flush=True)

    def emitted(self, attempt: AttemptId, stream: str, at: datetime, data: Any) -> None:
        print(str(data).rstrip(), flush=True)

    def asked(self, attempt: AttemptId, question: Mapping[str, Json], answer: Answer) -> None:
        print("asked", question, flush=True)

    def ended(self, attempt: AttemptId, at: datetime, outcome: Outcome) -> None:
        print("ended", outcome.end, flush=True)


def main(kind: str, what: str, *rest: str) -> None:
    signal.signal(signal.SIGINT, lambda _number, _frame: print("interrupted", flush=True))
    printer = Printer()
    executor = printer.executor = make(kind, 1, lambda: datetime.now(UTC))
    executor.start(
        Attempt(
            job="job",
            number=1,
            name="job",
            method=f"{MODULE.get(kind, 'job_methods')}:{what}" if kind != "command" else None,
            command=Command(argv=(what, *rest)) if kind == "command" else None,
            path=(METHODS,),
        ),
        printer,
    )
    sys.stdin.read()
    executor.close()
    print("closed", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
