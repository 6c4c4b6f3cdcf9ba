"""How soon `rota run` begins a job after `start` was called, in its `thread` executor; and its cost when idle."""

import asyncio

from sqlalchemy import create_engine, text

import rota
from tests.benchmarks import latency, script
from tests.benchmarks.rota_side.applied import JOBS, ROTA, apply
from tests.benchmarks.running import running

STATES = text("select state, count(*) from rota_background_job group by state")


def main() -> None:
    """Run the engine, start the jobs, check every row, answer."""
    asked = script.arguments("silence")
    url = script.sqlalchemy_url(asked.database)
    apply(url)
    consumer = [ROTA, "run", "--quiet", "--database", url]
    with rota.connect(url) as platform, running([consumer], folder=asked.folder) as engine:

        async def start(number: int) -> None:
            platform.background_jobs.start(f"{JOBS}:stamped", {"number": number}, executor="thread")

        figures = asyncio.run(latency.measure(start, engine, asked.folder, jobs=asked.jobs, silence=asked.silence))
    store = create_engine(url)
    with store.connect() as connection:
        rows = [tuple(row) for row in connection.execute(STATES)]
    store.dispose()
    script.require(rows, [("completed", asked.jobs + 1 + latency.WARM_UP)], "Rota's jobs by state")
    script.answer(f"{script.named('rota')}: thread executor, 1 process", **figures)


if __name__ == "__main__":
    script.run(main)
