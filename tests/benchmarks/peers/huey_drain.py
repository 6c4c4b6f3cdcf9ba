"""Drain no-op jobs with huey's consumer on SQLite.

`--threads N` or else `--processes N` says how many workers of which kind. `--results 1` stores a result for every
job; `--results 0` stores none, so that only the empty queue shows that all are over.
"""

import argparse
import contextlib
import os
import signal
import sqlite3
import sys
from pathlib import Path

from tests.benchmarks import script
from tests.benchmarks.drain import drain


def main() -> None:
    """Enqueue, drain, check the store, answer."""
    asked = script.arguments("threads", "processes", "results")
    os.environ["HUEY_DATABASE"] = asked.database
    from tests.benchmarks.peers.huey_jobs import durability, huey, nothing, numbered

    job = numbered if asked.results else nothing
    for number in range(asked.jobs):
        job(number)
    expected_results = asked.jobs if asked.results else 0
    with contextlib.closing(sqlite3.connect(asked.database)) as store:
        seconds = drain(
            [_consumer(asked)],
            lambda: _waiting(store) == 0 and _count(store, "kv") == expected_results,
            folder=asked.folder,
            stop_signal=signal.SIGINT,  # the consumer's clean stop; SIGTERM interrupts its workers
        )
        script.require((_waiting(store), _count(store, "schedule")), (0, 0), "huey's queued and postponed jobs")
    results = [huey.serializer.deserialize(data) for data in huey.storage.result_items().values()]
    script.require_runs(results, expected_results)
    stored = "stored" if asked.results else "not stored"
    script.answer(
        f"{script.named('huey')}: {_workers(asked)}, results {stored}, {durability()}", rate=asked.jobs / seconds
    )


def _consumer(asked: argparse.Namespace) -> list[str]:
    kind, count = ("thread", asked.threads) if asked.threads else ("process", asked.processes)
    program = Path(sys.executable).with_name("huey_consumer")
    return [str(program), "tests.benchmarks.peers.huey_jobs.huey", "-k", kind, "-w", str(count), "-q"]


def _workers(asked: argparse.Namespace) -> str:
    return script.counted(asked.threads, "thread") if asked.threads else script.counted(asked.processes, "process")


def _waiting(store: sqlite3.Connection) -> int:
    return int(store.execute("select exists (select 1 from task)").fetchone()[0])


def _count(store: sqlite3.Connection, table: str) -> int:
    return int(store.execute(f"select count(*) from {table}").fetchone()[0])


if __name__ == "__main__":
    script.run(main)
