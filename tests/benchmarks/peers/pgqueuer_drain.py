"""Drain no-op jobs with one pgqueuer worker on PostgreSQL, which claims and settles `--batch` of them at a time."""

import asyncpg
import psycopg
import uvloop

from tests.benchmarks import script
from tests.benchmarks.drain import drain
from tests.benchmarks.peers.pgqueuer_store import installed, require_outcomes, worker


def main() -> None:
    """Enqueue, drain, check every row, answer."""
    asked = script.arguments("batch")
    uvloop.run(_enqueue(asked.database, asked.jobs))
    with psycopg.connect(asked.database, autocommit=True) as store:
        seconds = drain([worker(asked.database, asked.batch)], lambda: _done(store) == asked.jobs, folder=asked.folder)
    uvloop.run(_check(asked.database, asked.jobs))
    script.answer(
        f"{script.named('pgqueuer')}: 1 process, batch size {asked.batch}, asyncpg, uvloop, durable tables, log kept",
        rate=asked.jobs / seconds,
    )


async def _enqueue(database: str, jobs: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        queries = await installed(connection)
        for numbers in script.slices(jobs):
            payloads = [str(number).encode() for number in numbers]
            await queries.enqueue(["nothing"] * len(payloads), payloads, [0] * len(payloads))
    finally:
        await connection.close()


async def _check(database: str, jobs: int) -> None:
    connection = await asyncpg.connect(database)
    try:
        await require_outcomes(connection, jobs)
    finally:
        await connection.close()


def _done(store: psycopg.Connection[tuple[int]]) -> int:
    row = store.execute("select count(*) from pgqueuer_log where status = 'successful'").fetchone()
    assert row is not None
    return row[0]


if __name__ == "__main__":
    script.run(main)
