"""huey's queue and jobs: imported by the script that enqueues and by the consumer it measures.

The database's file is named by HUEY_DATABASE. Journal and fsync stay huey's defaults: WAL, and SQLite's own
`synchronous`, which is FULL.
"""

import itertools
import os

from huey import SqliteHuey

from tests.benchmarks import script
from tests.benchmarks.stamps import stamp

huey = SqliteHuey(filename=os.environ["HUEY_DATABASE"])
_runs = itertools.count()


@huey.task()
def numbered(number: int) -> list[int]:
    """Do nothing; the stored result names the run, so that a job run twice shows as a number missing."""
    return [os.getpid(), next(_runs)]


@huey.task()
def nothing(number: int) -> None:
    """Do nothing and leave nothing: huey stores no result for None."""


@huey.task()
def stamped(number: int) -> None:
    """Note when it begins."""
    stamp(number)


def durability() -> str:
    """The settings as this process's connection has them: `journal wal, synchronous FULL`."""
    (journal,), (synchronous,) = (
        huey.storage.sql(f"pragma {name}", results=True)[0] for name in ("journal_mode", "synchronous")
    )
    return f"journal {journal}, synchronous {script.SYNCHRONOUS[synchronous]}"
