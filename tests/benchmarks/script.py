"""What every measured script shares: its arguments, its one line of JSON, and its errors as one line.

Called by the scripts in peers/ and rota_side/, which run in an environment of their own.
"""

import argparse
import contextlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

# Bulk starts go in calls of this many jobs, on every side.
BULK = 1_000
# SQLite's names for the numbers that `pragma synchronous` gives.
SYNCHRONOUS = ("OFF", "NORMAL", "FULL", "EXTRA")


def arguments(*integers: str) -> argparse.Namespace:
    """Parse `--database`, `--folder`, `--jobs` and the script's own whole numbers, each of them required.

    `--database` is a file for SQLite and a postgresql:// URL otherwise; `--folder` is for the script's own files.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    for name in ("jobs", *integers):
        parser.add_argument(f"--{name}", type=int, required=True)
    return parser.parse_args()


def run(main: Callable[[], None]) -> None:
    """Run a script's `main`; a bench that went wrong ends it with status 1 and one line on stderr."""
    try:
        main()
    except BenchmarkError as error:
        sys.exit(str(error))


def answer(settings: str, **figures: float) -> None:
    """Print the script's result: the settings as text and each figure by name."""
    sys.stdout.write(json.dumps({"settings": settings, "figures": figures}) + "\n")


@dataclass
class Elapsed:
    """Seconds a `stopwatch` block took, set when it ends."""

    seconds: float = 0.0


@contextlib.contextmanager
def stopwatch() -> Iterator[Elapsed]:
    """Time a block on the monotonic clock."""
    elapsed = Elapsed()
    begun = time.perf_counter()
    yield elapsed
    elapsed.seconds = time.perf_counter() - begun


def slices(jobs: int) -> Iterator[range]:
    """The numbers of `jobs` jobs, BULK at a time."""
    return (range(first, min(first + BULK, jobs)) for first in range(0, jobs, BULK))


def named(package: str) -> str:
    """`huey 3.5.4`: an installed package with its version."""
    return f"{package} {version(package)}"


def counted(number: int, noun: str) -> str:
    """`1 thread`, `2 processes`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}{'es' if noun.endswith('s') else 's'}"


def sqlalchemy_url(database: str) -> str:
    """The `--database` of a script as SQLAlchemy and Rota take it."""
    if database.startswith("postgresql:"):
        return database.replace("postgresql:", "postgresql+psycopg:", 1)
    return f"sqlite:///{database}"


def require(found: object, expected: object, what: str) -> None:
    """Fail loudly when the store does not hold what a right run leaves there."""
    if found != expected:
        raise BenchmarkError(f"wrong outcome: {what}: expected {expected}, found {found}")


def require_runs(results: Sequence[Sequence[int]], jobs: int) -> None:
    """Each result is a process and its number of the run, counted from 0 in each process.

    A result for every job and no number missing is every job run once.
    """
    require(len(results), jobs, "stored results")
    numbers: dict[int, list[int]] = defaultdict(list)
    for process, number in results:
        numbers[process].append(number)
    for process, found in numbers.items():
        require(sorted(found), list(range(len(found))), f"the runs of process {process}")
