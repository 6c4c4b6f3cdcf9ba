"""`--jobs` scheduled jobs, of which `--due` are due in one second: how late the last begins, and what they cost."""

import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

import rota
from tests.benchmarks import punctuality, script
from tests.benchmarks.rota_side.applied import JOBS, ROTA, apply, apply_configuration
from tests.benchmarks.running import running

# Seconds in which the due jobs are applied and the engine starts; else the bench says that it was too late.
START = 15.0

RUNS = text(
    "select state, count(*), count(distinct scheduled_job) from rota_background_job "
    "where scheduled_job is not null group by state"
)
SCHEDULED = text("select count(*) from rota_scheduled_job")


def main() -> None:
    """Apply two generated configurations, run the engine over the due second, answer."""
    asked = script.arguments("due", "idle")
    url = script.sqlalchemy_url(asked.database)
    apply(url)
    far = f"day_in_month: 1, months: [{(time.gmtime().tm_mon + 5) % 12 + 1}]"
    _apply_jobs(url, asked.folder, "far", far, range(asked.due, asked.jobs))
    due = punctuality.due_in(asked.idle, START)
    punctuality.note_due(asked.folder, due)
    _apply_jobs(
        url, asked.folder, "due", f'begin_time: "{datetime.fromtimestamp(due, UTC):%H:%M:%S}"', range(asked.due)
    )
    with rota.connect(url) as platform:
        platform.background_jobs.start(f"{JOBS}:stamped", {"number": punctuality.READY}, executor="thread")
        with running([[ROTA, "run", "--quiet", "--database", url]], folder=asked.folder) as engine:
            figures = punctuality.measure(engine, asked.folder, due=asked.due, idle=asked.idle)
    _check(url, asked.due, asked.jobs)
    script.answer(f"{script.named('rota')}: {asked.jobs:,} scheduled jobs, {asked.due:,} of them due", **figures)


def _apply_jobs(url: str, folder: Path, name: str, when: str, numbers: range) -> None:
    """Apply a configuration with a scheduled job for each number."""
    lines = [
        "rota: 1",
        f"configuration: {{name: {name}, modules: [{JOBS}], timezone: UTC}}",
        "jobs:",
        *(
            f"  {name}-{number}: {{method: {JOBS}:stamped, parameters: {{number: {number}}}, executor: thread, "
            f"schedule: {{days_repeat_period: 1, {when}}}}}"
            for number in numbers
        ),
    ]
    place = folder / f"configuration-{name}"
    place.mkdir()
    (place / "jobs.yaml").write_text("\n".join(lines) + "\n")
    apply_configuration(url, place)


def _check(url: str, due: int, jobs: int) -> None:
    """Every due job has run once, and all of them are scheduled as before."""
    store = create_engine(url)
    with store.connect() as connection:
        rows = [tuple(row) for row in connection.execute(RUNS)]
        scheduled = connection.scalar(SCHEDULED)
    store.dispose()
    script.require(rows, [("completed", due, due)], "runs of Rota's scheduled jobs")
    script.require(scheduled, jobs, "Rota's scheduled jobs")


if __name__ == "__main__":
    script.run(main)
