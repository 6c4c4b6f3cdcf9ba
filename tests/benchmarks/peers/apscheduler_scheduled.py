"""`--jobs` jobs in APScheduler's memory, of which `--due` are due in one second: the counterpart of Rota's engine."""

import sys

from tests.benchmarks import punctuality, script
from tests.benchmarks.running import running


def main() -> None:
    """Run the scheduler's process over the due second, answer."""
    asked = script.arguments("due", "idle")
    command = [sys.executable, "-m", "tests.benchmarks.peers.apscheduler_process"]
    command += [str(number) for number in (asked.jobs, asked.due, asked.idle)]
    with running([command], folder=asked.folder) as scheduler:
        figures = punctuality.measure(scheduler, asked.folder, due=asked.due, idle=asked.idle)
    script.answer(
        f"{script.named('apscheduler')}: {asked.jobs:,} jobs in its memory store, {asked.due:,} of them due", **figures
    )


if __name__ == "__main__":
    script.run(main)
