"""When jobs began: each writes its number and the time to one file, which the measuring script reads.

`stamp` is the first line of the jobs of every side. The monotonic clock is one for all processes of a machine.
"""

import functools
import os
import time
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

# The environment variable that names the file.
FILE = "BENCH_STAMPS"


def stamp(number: int) -> None:
    """Note that job `number` begins now."""
    at = time.monotonic_ns()
    os.write(_descriptor(), b"%d %d\n" % (number, at))


@functools.cache
def _descriptor() -> int:
    """One write of a line to a file opened for appending is never mixed with another."""
    return os.open(os.environ[FILE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def read(folder: Path) -> dict[int, float]:
    """The jobs that have begun so far, with the instant in seconds. Raises BenchmarkError where one began twice."""
    file = folder / "stamps"
    lines = file.read_text().splitlines() if file.exists() else []
    found = {int(number): int(at) / 1e9 for number, at in (line.split() for line in lines)}
    if len(lines) > len(found):
        raise BenchmarkError(f"wrong outcome: {len(lines)} beginnings of {len(found)} jobs")
    return found
