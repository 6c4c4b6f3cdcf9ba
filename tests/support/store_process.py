"""A process of its own that works with a store: `python -m tests.support.store_process VERB URL ARGUMENTS`.

It says `ready`, waits for a line, does what the verb says and prints what came of it as JSON. `Child` is the test's
side of it.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from rota.model.errors import RotaError
from rota.model.states import State
from rota.model.transitions import Next
from rota.store import Store, background_jobs, keys, new_jobs, schema, transitions
from rota.store.engine_lock import EngineLock
from rota.store.wakeups import wake_engines
from tests.support.command_line import ROOT, environment
from tests.support.stored import claim, ending, insert, new_job


class Child:
    """One such process. A context manager, so that none is left behind."""

    def __init__(self, *arguments: str, module: str = "tests.support.store_process") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait_ready(self) -> None:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line == "ready\n", f"the process said {line!r}"

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """What it printed; waits for it."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process ended without an answer, with {self._process.wait()}"
        return json.loads(line)

    def kill(self) -> None:
        """Kill -9, if it still runs, and close the pipes."""
        self._process.kill()
        self._process.communicate()


def together(children: list[Child]) -> list[Any]:
    """Let all begin at once; their answers."""
    for child in children:
        child.wait_ready()
    for child in children:
        child.go()
    return [child.answer() for child in children]


def claim_everything(url: str, node: str) -> list[str]:
    """The ids of the jobs that this process got."""
    store = Store(url)
    got: list[str] = []
    while leases := claim(store, node, limit=3):
        got += [lease.attempt.job for lease in leases]
    return got


def start_keys(url: str, keys: str) -> list[str]:
    """Start a job for every key; those that this process won."""
    store = Store(url)
    return [f"k{n}" for n in range(int(keys)) if insert(store, new_job(key=f"k{n}"))]


def get_in_line(url: str, keys_: str, count: str) -> int:
    """Start `count` jobs for each key, each behind those that came before; how many."""
    store = Store(url)
    for _ in range(int(count)):
        for n in range(int(keys_)):
            new = new_job(name=f"from-{os.getpid()}", key=f"k{n}", key_scope="m:f", behind=True)
            with store.write() as tx:
                new_jobs.insert_jobs(tx, [new], {new.id: "process"})
                keys.pass_on(tx)
    return int(keys_) * int(count)


def work(url: str, node: str, folder: str, wanted: str) -> str:
    """Carry out jobs until `wanted` are done by all workers together; says so, or whose key was held twice.

    Each holds the lock of its key's file from its claim to just before its end is stored, and leaves its name and
    number there.
    """
    store = Store(url)
    pause = threading.Event()
    while True:
        with store.write() as tx:
            keys.pass_on(tx)
        for lease in claim(store, node, limit=2):
            with (Path(folder) / f"{lease.attempt.key}.ran").open("a") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    return f"{lease.attempt.key} is held twice"
                pause.wait(0.001)
                file.write(f"{lease.attempt.name} {lease.sequence}\n")
            with store.write() as tx:
                transitions.end_attempts(tx, [ending(lease, Next(state=State.COMPLETED, restarts=0), node)])
                keys.pass_on(tx)
        with store.read() as tx:
            if background_jobs.count_by_state(tx).get("completed", 0) == int(wanted):
                return "done"


def upgrade(url: str) -> list[str | None]:
    return list(schema.upgrade(Store(url)))


def take_engine_lock(database: str, *_: str) -> str:
    try:
        EngineLock(Path(database)).take({"process": "?", "host": "here"})
    except RotaError as error:
        return str(error)
    return "taken"


def commit(url: str) -> bool:
    """Start a job and wake whoever listens."""
    with Store(url).write() as tx:
        job = new_job()
        inserted = new_jobs.insert_jobs(tx, [job], {job.id: "process"})
        wake_engines(tx)
    return bool(inserted)


def work_as_ordinary_user(url: str) -> list[str]:
    """What a user without rights is told when reading and when writing."""
    store = Store(url)
    if os.geteuid() == 0:
        warm = Store(url)
        insert(warm, new_job())  # what is imported late must be there while it can be read
        warm.close()
        os.setegid(65534)
        os.seteuid(65534)
    said = []
    for work in (lambda: _count(store), lambda: insert(store, new_job())):
        try:
            said.append(f"done {type(work()).__name__}")
        except RotaError as error:
            said.append(f"{type(error).__name__}: {error}")
    return said


def _count(store: Store) -> dict[str, int]:
    with store.read() as tx:
        return background_jobs.count_by_state(tx)


def fill_files_up_to(url: str, limit: str) -> str:
    """What a process is told whose files may not grow beyond so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
    store = Store(url)
    try:
        while True:
            insert(store, *(new_job(parameters=["x" * 1000]) for _ in range(100)))
    except RotaError as error:
        return f"{type(error).__name__}: {error}"


VERBS: dict[str, Callable[..., Any]] = {
    "claim": claim_everything,
    "start": start_keys,
    "line": get_in_line,
    "work": work,
    "upgrade": upgrade,
    "lock": take_engine_lock,
    "commit": commit,
    "ordinary": work_as_ordinary_user,
    "fill": fill_files_up_to,
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(verb: str, *arguments: str) -> None:
    say("ready")
    sys.stdin.readline()
    say(json.dumps(VERBS[verb](*arguments)))
    sys.stdin.readline()  # until the test has seen what it wants: a lock lives as long as its process


if __name__ == "__main__":
    main(*sys.argv[1:])
