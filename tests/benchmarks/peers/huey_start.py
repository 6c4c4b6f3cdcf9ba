"""Enqueue with huey on SQLite: one job a call. huey has no call for many."""

import os

from tests.benchmarks import script


def main() -> None:
    """Enqueue, check the queue's length, answer."""
    asked = script.arguments()
    os.environ["HUEY_DATABASE"] = asked.database
    from tests.benchmarks.peers.huey_jobs import durability, huey, nothing

    with script.stopwatch() as single:
        for number in range(asked.jobs):
            nothing(number)
    script.require(huey.pending_count(), asked.jobs, "huey's queued jobs")
    script.answer(f"{script.named('huey')}: {durability()}", single=asked.jobs / single.seconds)


if __name__ == "__main__":
    script.run(main)
