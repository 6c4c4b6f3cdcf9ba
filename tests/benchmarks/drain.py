"""The stopwatch of every drain: spawn the consumers, watch the store, stop when the last completion is in it.

Called by the drain scripts of both sides, so that all of them are timed by the same code.
"""

import signal
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.running import running

# How often the store is asked whether it is done, in seconds. It bounds the error of a drain's time; more often
# would take the consumers' processor time.
LOOK_EVERY = 0.02


def drain(
    commands: Sequence[Sequence[str]],
    finished: Callable[[], bool],
    *,
    folder: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> float:
    """Run the consumer commands until `finished`, stop them, and return the seconds from the first spawn.

    `finished` asks the store through a connection of its own. Raises BenchmarkError when a consumer dies or never ends.
    """
    with running(commands, folder=folder, stop_signal=stop_signal) as consumers:
        return consumers.wait_until(finished, every=LOOK_EVERY)
