"""How soon huey's consumer begins a job after it was enqueued, on SQLite; and what the consumer takes when idle."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.benchmarks import latency, script
from tests.benchmarks.running import running


def main() -> None:
    """Run the consumer, enqueue the jobs, check that the queue is empty, answer."""
    asked = script.arguments("silence")
    os.environ["HUEY_DATABASE"] = asked.database
    from tests.benchmarks.peers.huey_jobs import durability, huey, stamped

    async def start(number: int) -> None:
        stamped(number)

    program = str(Path(sys.executable).with_name("huey_consumer"))
    consumer = [program, "tests.benchmarks.peers.huey_jobs.huey", "-k", "thread", "-w", "1", "-q"]
    with running([consumer], folder=asked.folder, stop_signal=signal.SIGINT) as engine:
        figures = asyncio.run(latency.measure(start, engine, asked.folder, jobs=asked.jobs, silence=asked.silence))
    script.require(huey.pending_count(), 0, "huey's queued jobs")
    script.answer(f"{script.named('huey')}: 1 thread, polling with back-off, {durability()}", **figures)


if __name__ == "__main__":
    script.run(main)
