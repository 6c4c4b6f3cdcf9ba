"""The course of every latency bench: jobs one by one, a silence in which the idle engine is watched, and a lone job.

Called by the latency scripts of both sides. A job's latency is from the call of the side's `start` to the first line of
the job, which runs in another process.
"""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.benchmarks import stamps
from tests.benchmarks.running import Running
from tests.benchmarks.script import require

# Seconds between two starts.
EVERY = 0.02
# Jobs before those that count: connections, imports and prepared statements are there after them.
WARM_UP = 25
# Seconds in which the engine gets over its work before it counts as idle.
SETTLE = 1.0
LOOK_EVERY = 0.05

Start = Callable[[int], Awaitable[None]]


async def measure(start: Start, engine: Running, folder: Path, *, jobs: int, silence: int) -> dict[str, float]:
    """The figures: p50, p99 and the lone job's latency in milliseconds, and `idle`, in percent of one core."""
    await _start_all(start, range(-WARM_UP, 0))
    _wait_for(engine, folder, WARM_UP)
    called = await _start_all(start, range(jobs))
    _wait_for(engine, folder, WARM_UP + jobs)
    idle = await _watch_idle(engine, silence)
    called |= await _start_all(start, range(jobs, jobs + 1))
    _wait_for(engine, folder, WARM_UP + jobs + 1)
    begun = stamps.read(folder)
    require(set(begun), {*called, *range(-WARM_UP, 0)}, "the jobs that began")
    taken = {number: (begun[number] - at) * 1000 for number, at in called.items()}
    lone = taken.pop(jobs)
    return {
        "p50": statistics.median(taken.values()),
        "p99": statistics.quantiles(taken.values(), n=100)[98],
        "lone": lone,
        "idle": idle,
    }


async def _start_all(start: Start, numbers: range) -> dict[int, float]:
    """Start a job every EVERY seconds; returns when each was called."""
    called = {}
    first = time.monotonic()
    for place, number in enumerate(numbers):
        await asyncio.sleep(first + place * EVERY - time.monotonic())
        called[number] = time.monotonic()
        await start(number)
    return called


def _wait_for(engine: Running, folder: Path, jobs: int) -> None:
    engine.wait_until(lambda: len(stamps.read(folder)) >= jobs, every=LOOK_EVERY)


async def _watch_idle(engine: Running, silence: int) -> float:
    """Say nothing for so many seconds, and return what the engine took of a core meanwhile, in percent."""
    await asyncio.sleep(SETTLE)
    before, begun = engine.processor_seconds(), time.monotonic()
    await asyncio.sleep(silence)
    return (engine.processor_seconds() - before) / (time.monotonic() - begun) * 100
