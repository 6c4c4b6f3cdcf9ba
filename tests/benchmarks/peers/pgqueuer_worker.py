"""pgqueuer's jobs and the worker that runs them: `python -m ...pgqueuer_worker DATABASE BATCH_SIZE`.

What `pgq run` does, through the function of the library that it calls: the command itself does not start with every
version of its own dependencies. asyncpg on uvloop, pgqueuer's fastest driver; everything else is its default.
"""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pgqueuer
import uvloop
from pgqueuer.models import Job

from tests.benchmarks.stamps import stamp


def main() -> None:
    """Work until SIGTERM."""
    database, batch_size = sys.argv[1:]
    logging.getLogger("pgqueuer").setLevel(logging.WARNING)

    @asynccontextmanager
    async def worker() -> AsyncIterator[pgqueuer.PgQueuer]:
        connection = await asyncpg.connect(database)
        try:
            manager = pgqueuer.PgQueuer.from_asyncpg_connection(connection)
            manager.entrypoint("nothing")(nothing)
            manager.entrypoint("stamped")(stamped)
            yield manager
        finally:
            await connection.close()

    uvloop.run(pgqueuer.run(worker, batch_size=int(batch_size)))


async def nothing(job: Job) -> None:
    """Do nothing."""


async def stamped(job: Job) -> None:
    """Note when it begins; the payload is its number."""
    stamp(int(job.payload or b""))


if __name__ == "__main__":
    main()
