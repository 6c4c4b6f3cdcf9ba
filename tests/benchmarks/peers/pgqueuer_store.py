"""What the pgqueuer scripts share: the tables, the worker's command, and what a right run leaves behind.

pgqueuer's default is durable: every table is logged. A finished job leaves the queue, and its outcome is a row of the
log, written in the same statement; so a job is done when its row is there.
"""

import sys

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from tests.benchmarks import script


async def installed(connection: asyncpg.Connection) -> Queries:
    """The queries on fresh tables."""
    queries = Queries(AsyncpgDriver(connection))
    await queries.install()
    return queries


def worker(database: str, batch: int) -> list[str]:
    """The command of one worker."""
    return [sys.executable, "-m", "tests.benchmarks.peers.pgqueuer_worker", database, str(batch)]


async def require_outcomes(connection: asyncpg.Connection, jobs: int) -> None:
    """Every job has left the queue and is in the log once, as successful."""
    script.require(await connection.fetchval("select count(*) from pgqueuer"), 0, "pgqueuer's unfinished jobs")
    rows = await connection.fetch(
        "select status::text, count(*), count(distinct job_id) from pgqueuer_log where status <> 'queued' "
        "and status <> 'picked' group by status"
    )
    script.require([tuple(row) for row in rows], [("successful", jobs, jobs)], "pgqueuer's log")
