"""Drain no-op jobs with `oban start` on PostgreSQL: `--processes` consumers with a queue limit of `--limit` each."""

import asyncio
import sys
from pathlib import Path

import psycopg
from oban import Oban
from oban.schema import install

from tests.benchmarks import script
from tests.benchmarks.drain import drain
from tests.benchmarks.peers.oban_jobs import nothing


def main() -> None:
    """Enqueue, drain, check every row, answer."""
    asked = script.arguments("processes", "limit")
    asyncio.run(_enqueue(asked.database, asked.jobs))
    consumer = [
        str(Path(sys.executable).with_name("oban")), "start", "--dsn", asked.database,
        "--queues", f"default:{asked.limit}", "--log-level", "WARNING",
        "--cron-modules", "tests.benchmarks.peers.oban_jobs",
    ]  # fmt: skip
    with psycopg.connect(asked.database, autocommit=True) as store:
        seconds = drain(
            [consumer] * asked.processes,
            lambda: _count(store, "state = 'completed'") == asked.jobs,
            folder=asked.folder,
        )
        script.require(_count(store, "true"), asked.jobs, "Oban's jobs")
        script.require(
            _count(store, "state = 'completed' and attempt = 1"), asked.jobs, "completed at the first attempt"
        )
        script.require(_count(store, "errors <> '[]'"), 0, "Oban's jobs with errors")
    script.answer(
        f"{script.named('oban')}: {script.counted(asked.processes, 'process')}, queue limit {asked.limit}, uvloop",
        rate=asked.jobs / seconds,
    )


async def _enqueue(database: str, jobs: int) -> None:
    pool = await Oban.create_pool(database)
    try:
        await install(pool)
        oban = Oban(pool=pool)
        for numbers in script.slices(jobs):
            await oban.enqueue_many([nothing.new(number) for number in numbers])
    finally:
        await pool.close()


def _count(store: psycopg.Connection[tuple[int]], condition: str) -> int:
    row = store.execute(f"select count(*) from oban_jobs where {condition}").fetchone()
    assert row is not None
    return row[0]


if __name__ == "__main__":
    script.run(main)
