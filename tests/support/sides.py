"""Every kind of executor behind one set of scenarios, for the contract suite."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from rota.executors.base import Executor
from rota.executors.registry import make
from rota.model.attempt import Attempt, AttemptId
from rota.model.command import Command
from rota.runtime import pinned_code
from tests.support.recorder import Recorder, now

METHODS = str(Path(__file__).parent / "methods")

SURROUNDINGS = ("environment", "working_directory", "ok_exit_codes")

_numbers = itertools.count(1)

METHOD_OF = {
    "succeed": "nothing",
    "fail": "fail",
    "wait willingly": "wait_willingly",
    "wait deafly": "wait_deafly",
    "wait stubbornly": "wait_stubbornly",
    "print lines": "print_lines",
    "write much": "write_20_megabytes",
    "print for ever": "print_until_stopped",
    "be unknown": "no_such_method",
}

ASYNC_METHODS = "async_methods"
"""The module in which the methods of the same names are `async def`."""

_WAIT = "while true; do sleep 0.05; done"
COMMAND_OF = {
    "succeed": ["true"],
    "fail": ["sh", "-c", "echo no rates today >&2; exit 3"],
    "wait willingly": ["sh", "-c", f"trap 'echo tidied up; exit 1' TERM; echo ready; {_WAIT}"],
    "wait deafly": ["sh", "-c", f"trap '' TERM; echo ready; {_WAIT}"],
    "wait stubbornly": ["sh", "-c", f"trap 'echo not now' TERM; echo ready; {_WAIT}"],
    "print lines": ["sh", "-c", "i=0; while [ $i -lt 1000 ]; do i=$((i+1)); echo line $i; done"],
    "write much": [sys.executable, "-S", "-c", "for _ in range(2000): print('x' * 9999)"],
    "print for ever": ["sh", "-c", "trap 'exit 1' TERM; while true; do echo line; done"],
    "be unknown": ["no-such-program"],
}


@dataclass
class Side:
    """One executor with two slots, and a recorder of what it reports."""

    kind: str
    executor: Executor
    recorder: Recorder

    def start(self, scenario: str, **facts: Any) -> AttemptId:
        """Start an attempt at a scenario of the tables above."""
        if self.kind == "command":
            return self.start_command(*COMMAND_OF[scenario], **facts)
        return self.start_method(METHOD_OF[scenario], **facts)

    def start_method(self, method: str, parameters: Any = None, **facts: Any) -> AttemptId:
        module = ASYNC_METHODS if self.kind == "async" else "job_methods"
        full_name = method if ":" in method else f"{module}:{method}"
        return self._start(method=full_name, parameters=parameters, path=(METHODS,), **facts)

    def start_command(self, *argv: str, **facts: Any) -> AttemptId:
        """`environment`, `working_directory` and `ok_exit_codes` are the command's, all else is the attempt's."""
        own = {name: facts.pop(name) for name in SURROUNDINGS if name in facts}
        return self._start(command=Command(argv=argv, **own), **facts)

    def _start(self, **facts: Any) -> AttemptId:
        attempt = Attempt(**{"job": f"job-{next(_numbers)}", "number": 1, "name": "a job", **facts})
        self.executor.start(attempt, self.recorder)
        return attempt.id


def make_side(kind: str, workers: int = 2) -> Side:
    return Side(kind, make(kind, workers, now), Recorder())


@contextmanager
def closing(side: Side) -> Iterator[Side]:
    """Use it; in the end nothing of it runs, and no rule of `Reports` was broken."""
    yield side
    side.executor.close()
    assert side.recorder.faults == []


@contextmanager
def heard_anew(side: Side) -> Iterator[Side]:
    """Use an executor that others have used, with a recorder of its own; no rule of `Reports` was broken."""
    anew = replace(side, recorder=Recorder())
    yield anew
    assert anew.recorder.faults == []


def code_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other code is pinned from now on, as after a reload; `monkeypatch` puts back what was."""
    monkeypatch.setattr(pinned_code._finder, "sources", {})
