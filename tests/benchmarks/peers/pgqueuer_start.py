"""Enqueue with pgqueuer on PostgreSQL: one job a call, then many a call. asyncpg on uvloop, its fastest driver."""

import asyncpg
import uvloop

from tests.benchmarks import script
from tests.benchmarks.peers.pgqueuer_store import installed


def main() -> None:
    """Enqueue singly and in bulk, check the rows, answer."""
    asked = script.arguments("bulk")
    single, bulk = uvloop.run(_enqueue(asked.database, asked.jobs, asked.bulk))
    script.answer(f"{script.named('pgqueuer')}: asyncpg, uvloop, durable tables", single=single, bulk=bulk)


async def _enqueue(database: str, jobs: int, bulk: int) -> tuple[float, float]:
    connection = await asyncpg.connect(database)
    try:
        queries = await installed(connection)
        with script.stopwatch() as single:
            for number in range(jobs):
                await queries.enqueue("nothing", str(number).encode())
        with script.stopwatch() as many:
            for numbers in script.slices(bulk):
                payloads = [str(number).encode() for number in numbers]
                await queries.enqueue(["nothing"] * len(payloads), payloads, [0] * len(payloads))
        found = await connection.fetchval("select count(*) from pgqueuer where status = 'queued'")
        script.require(found, jobs + bulk, "pgqueuer's queued jobs")
        return jobs / single.seconds, bulk / many.seconds
    finally:
        await connection.close()


if __name__ == "__main__":
    script.run(main)
