"""The course of every bench with scheduled jobs: start up, be idle, then start many jobs that are due at one instant.

Called by the scripts of both sides. Each side writes the due instant into its folder before the first job begins, and
has a job READY that begins as soon as the side is up.
"""

import time
from pathlib import Path

from tests.benchmarks import stamps
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.running import Running
from tests.benchmarks.script import require

READY = -1
# Seconds in which a side gets over its start before it counts as idle.
SETTLE = 2.0
# Seconds between the end of the idle time and the due instant, at the least.
LEAD = 2.0
LOOK_EVERY = 0.01


def due_in(idle: int, start: float) -> int:
    """The due instant, in whole seconds since 1970, for a side that needs no more than `start` seconds to be up."""
    return int(time.time() + start + SETTLE + idle + LEAD) + 1


def note_due(folder: Path, instant: int) -> None:
    """Tell the measuring script when the jobs are due."""
    (folder / "due").write_text(str(instant))


def measure(engine: Running, folder: Path, *, due: int, idle: int) -> dict[str, float]:
    """The figures: `startup` and `last` in seconds and milliseconds, `memory` in MiB, `idle` in percent of a core."""
    startup = engine.wait_until(lambda: READY in stamps.read(folder), every=LOOK_EVERY)
    time.sleep(SETTLE)
    before, begun = engine.processor_seconds(), time.monotonic()
    time.sleep(idle)
    share = (engine.processor_seconds() - before) / (time.monotonic() - begun) * 100
    left = int((folder / "due").read_text()) - time.time()
    if left < 0:
        raise BenchmarkError(f"the jobs were due {-left:.1f} s before the side was up and had been idle")
    instant = time.monotonic() + left
    time.sleep(left)
    engine.wait_until(lambda: len(stamps.read(folder)) > due, every=LOOK_EVERY)
    begun_at = stamps.read(folder)
    require(set(begun_at), {READY, *range(due)}, "the jobs that began")
    lateness = [begun_at[number] - instant for number in range(due)]
    require(min(lateness) >= -0.001, True, "no job begins before it is due")
    return {
        "startup": startup,
        "last": max(lateness) * 1000,
        "memory": engine.resident_mebibytes(),
        "idle": share,
    }
