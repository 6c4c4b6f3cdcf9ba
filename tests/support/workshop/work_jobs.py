"""Methods for the tests of receiving, waiting and children."""

# ruff: noqa: T201 -- they behave as methods do

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rota import current_job


def give(value: object = None) -> object:
    return value


def fail(message: str = "no rates today") -> None:
    raise ValueError(message)


def count(upto: int, pause: float = 0.0) -> Iterator[int]:
    """Hand out 1, 2, 3 ..."""
    for number in range(1, upto + 1):
        yield number
        time.sleep(pause)


def say_in_every_stream() -> str:
    current_job.output(1)
    current_job.message("two")
    logging.getLogger("shop").warning("three")
    print("four")
    print("five", file=sys.stderr)
    current_job.progress(0.6, "six")
    return "seven"


def pair(first: object, second: object) -> dict[str, object]:
    return {"first": first, "second": second}


def hold(file: str, word: str | None = None) -> str:
    """Say the word, and wait until the file is there."""
    if word is not None:
        print(word)
    while not Path(file).exists():
        current_job.check_cancelled()
        time.sleep(0.005)
    return "held"


def note(folder: str, word: str = "ran") -> str:
    """Leave a file with a name of its own."""
    Path(folder, f"{word}-{os.getpid()}-{time.monotonic_ns()}").touch()
    return word


def double(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is negative")
    current_job.output(number)
    return number * 2


def note_beginning(folder: str, number: int) -> int:
    """Tell that it runs, and wait until the file `go` or one with its number is there."""
    Path(folder, f"begun-{number}").touch()
    while not (Path(folder, "go").exists() or Path(folder, f"go-{number}").exists()):
        current_job.check_cancelled()
        time.sleep(0.005)
    return number


# Parents


def parent(value: object, executor: str, timeout: float | None = None) -> dict[str, Any]:
    """Start a child in the same pool and wait for it."""
    child = current_job.start("work_jobs:give", [value], executor=executor)
    waited = current_job.wait(child, timeout=timeout)
    return {"child": child.id, "state": child.state, "result": child.result, "timed_out": waited.timed_out}


def parent_of_many(count: int, executor: str) -> list[Any]:
    children = current_job.start_many("work_jobs:double", [[n] for n in range(count)], executor=executor)
    current_job.wait(children)
    return sorted([child.result for child in children])


def parent_that_receives(executor: str) -> dict[str, Any]:
    child = current_job.start("work_jobs:count", [3], executor=executor, name="little one")
    current_job.wait([child])
    first, second = child.receive(), child.receive()
    return {"first": [record.data for record in first], "second": len(second)}


def parent_of_held(file: str, executor: str) -> str:
    """Wait for a child that waits for a file."""
    child = current_job.start("work_jobs:hold", [file], executor=executor, name="held child")
    current_job.wait(child)
    return child.state


def parent_that_asks_wrongly() -> list[str]:
    """What each wrong question raises."""
    from rota.executors.offspring import Child
    from rota.executors.scope import current_scope

    scope = current_scope()
    assert scope is not None
    told = []
    for ask in (
        lambda: current_job.start("os:getcwd"),
        lambda: current_job.start("work_jobs:gives"),
        lambda: current_job.start("work_jobs:double", {"number": "one"}),
        lambda: current_job.start("work_jobs:double", [object()]),
        lambda: current_job.start("work_jobs:give", executor="nowhere"),
        lambda: current_job.wait(Child(scope, "somebody-elses")),
    ):
        try:
            ask()
        except Exception as error:  # noqa: BLE001 -- each has its own
            told.append(f"{type(error).__name__}: {error}")
    return told


def parent_and_child_talk(executor: str) -> None:
    current_job.output("before")
    child = current_job.start("work_jobs:count", [2], executor=executor)
    current_job.wait(child)
    current_job.output("after")


def parent_that_lets_go(file: str, executor: str) -> str:
    """Start a child and do not wait for it."""
    return current_job.start("work_jobs:hold", [file], executor=executor).id


def parent_of_any(file: str, executor: str) -> list[Any]:
    slow = current_job.start("work_jobs:hold", [file], executor=executor)
    quick = current_job.start("work_jobs:give", ["quick"], executor=executor)
    look = current_job.wait([slow], timeout=0)
    waited = current_job.wait([slow, quick], any=True)
    return [look.timed_out, [child.result for child in waited.done], len(waited.pending)]


def die() -> None:
    """Kill the process that runs this."""
    os.kill(os.getpid(), signal.SIGKILL)


def nothing() -> None:
    pass


def hold_with_a_child_process(file: str) -> None:
    """Hand out the processes of this job, and wait until the file is there."""
    child = subprocess.Popen(["sleep", "600"])
    current_job.output([os.getpid(), child.pid])
    hold(file)
