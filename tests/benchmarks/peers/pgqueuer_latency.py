"""How soon a pgqueuer worker begins a job after it was enqueued; and what the worker takes when idle."""

import argparse
import asyncio

import asyncpg
import uvloop

from tests.benchmarks import latency, script
from tests.benchmarks.peers.pgqueuer_store import installed, require_outcomes, worker
from tests.benchmarks.running import running

# pgqueuer's default: with 100 a lone job is no sooner.
BATCH = 10


def main() -> None:
    """Measure, answer."""
    asked = script.arguments("silence")
    figures = uvloop.run(_measure(asked))
    script.answer(f"{script.named('pgqueuer')}: 1 process, batch size {BATCH}, asyncpg, uvloop", **figures)


async def _measure(asked: argparse.Namespace) -> dict[str, float]:
    connection = await asyncpg.connect(asked.database)
    try:
        queries = await installed(connection)

        async def start(number: int) -> None:
            await queries.enqueue("stamped", str(number).encode())

        with running([worker(asked.database, BATCH)], folder=asked.folder) as engine:
            figures = await latency.measure(start, engine, asked.folder, jobs=asked.jobs, silence=asked.silence)
            await asyncio.sleep(latency.SETTLE)  # the log is written a moment after the job
        await require_outcomes(connection, asked.jobs + 1 + latency.WARM_UP)
        return figures
    finally:
        await connection.close()


if __name__ == "__main__":
    script.run(main)
