"""The stopwatch of every drain: spawn the consumers, watch the store, stop when the last completion is in it.

Called by the drain scripts of both sides, so that all of them are timed by the same code.
"""

import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

# How often the store is asked whether it is done, in seconds. It bounds the error of a drain's time; more often
# would take the consumers' processor time.
LOOK_EVERY = 0.02
# Seconds after which a drain is given up, and seconds a consumer has for its clean stop.
PATIENCE = 600.0
STOP_WITHIN = 60.0


def drain(
    commands: Sequence[Sequence[str]],
    finished: Callable[[], bool],
    *,
    folder: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> float:
    """Run the consumer commands until `finished`, stop them, and return the seconds from the first spawn.

    `finished` asks the store through a connection of its own. The consumers write to `consumer.log` in `folder`;
    its end is in the BenchmarkError raised when one of them dies or PATIENCE runs out.
    """
    log = folder / "consumer.log"
    with log.open("wb") as output:
        begun = time.perf_counter()
        consumers = [
            subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
            for command in commands
        ]
        try:
            while not finished():
                _check(consumers, begun, log)
                time.sleep(LOOK_EVERY)
            return time.perf_counter() - begun
        finally:
            _stop(consumers, stop_signal)


def _check(consumers: list[subprocess.Popen[bytes]], begun: float, log: Path) -> None:
    ended = [consumer.returncode for consumer in consumers if consumer.poll() is not None]
    if ended:
        raise BenchmarkError(f"the consumer ended with status {ended[0]} and jobs left: {_last_lines(log)}")
    if time.perf_counter() - begun > PATIENCE:
        raise BenchmarkError(f"jobs were left after {PATIENCE:.0f} s: {_last_lines(log)}")


def _stop(consumers: list[subprocess.Popen[bytes]], stop_signal: signal.Signals) -> None:
    for consumer in consumers:
        consumer.send_signal(stop_signal)
    for consumer in consumers:
        try:
            consumer.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            consumer.kill()
            consumer.wait()


def _last_lines(log: Path) -> str:
    return " | ".join(log.read_text(errors="replace").splitlines()[-3:]) or "it wrote nothing"
