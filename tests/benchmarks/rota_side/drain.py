"""Drain no-op jobs with `rota run`, whose `thread` executor runs them; `--results 1` stores a result for every job."""

import json

from sqlalchemy import Connection, create_engine, text

import rota
from tests.benchmarks import script
from tests.benchmarks.drain import drain
from tests.benchmarks.rota_side.applied import JOBS, ROTA, apply

UNFINISHED = text("select exists (select 1 from rota_background_job where state in ('queued', 'running', 'waiting'))")
ROWS = text("select state, attempt, count(*) from rota_background_job group by state, attempt")
RESULTS = text("select result from rota_background_job")


def main() -> None:
    """Enqueue, drain, check every row, answer."""
    asked = script.arguments("processes", "results")
    url = script.sqlalchemy_url(asked.database)
    apply(url)
    with rota.connect(url) as platform:
        method = f"{JOBS}:{'numbered' if asked.results else 'nothing'}"
        for numbers in script.slices(asked.jobs):
            parameters = [{"number": number} for number in numbers]
            platform.background_jobs.start_many(method, parameters, executor="thread")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as store:
        consumer = [ROTA, "run", "--quiet", "--database", url]
        seconds = drain([consumer] * asked.processes, lambda: not store.scalar(UNFINISHED), folder=asked.folder)
        _check(store, asked.jobs, bool(asked.results))
    engine.dispose()
    stored = "stored" if asked.results else "empty"
    processes = script.counted(asked.processes, "process")
    script.answer(f"{script.named('rota')}: thread executor, {processes}, results {stored}", rate=asked.jobs / seconds)


def _check(store: Connection, jobs: int, results: bool) -> None:
    """Every row completed at its first attempt; where results are stored, also by the numbers of the runs."""
    rows = [tuple(row) for row in store.execute(ROWS)]
    script.require(rows, [("completed", 1, jobs)], "Rota's jobs by state and attempt")
    if results:
        script.require_runs([json.loads(result) for result in store.scalars(RESULTS)], jobs)


if __name__ == "__main__":
    script.run(main)
