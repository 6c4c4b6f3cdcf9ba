"""The processes that are measured: start consumers or a scheduler, watch them, read what they use, stop them.

Called by the scripts of both sides, so that all of them are started, timed and stopped by the same code.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks import stamps
from tests.benchmarks.failure import BenchmarkError

# Seconds after which a wait for a condition is given up, and seconds a process has for its clean stop.
PATIENCE = 600.0
STOP_WITHIN = 60.0


@dataclass(frozen=True)
class Running:
    """Processes under way; `begun` is the instant before the first spawn, on the monotonic clock in seconds."""

    processes: Sequence["subprocess.Popen[bytes]"]
    begun: float
    log: Path

    def wait_until(self, condition: Callable[[], bool], *, every: float) -> float:
        """Ask `condition` each `every` seconds until it holds; returns the seconds since `begun`.

        Raises BenchmarkError when a process ends meanwhile or PATIENCE runs out.
        """
        give_up = time.monotonic() + PATIENCE
        while not condition():
            self.check()
            if time.monotonic() > give_up:
                raise BenchmarkError(f"not done after {PATIENCE:.0f} s: {self._last_lines()}")
            time.sleep(every)
        return time.monotonic() - self.begun

    def check(self) -> None:
        """Raises BenchmarkError when a process has ended."""
        ended = [process.returncode for process in self.processes if process.poll() is not None]
        if ended:
            raise BenchmarkError(f"a measured process ended early, with status {ended[0]}: {self._last_lines()}")

    def processor_seconds(self) -> float:
        """Processor time that the processes and their children have taken."""
        times = [process.cpu_times() for process in self._family()]
        return sum(each.user + each.system for each in times)

    def resident_mebibytes(self) -> float:
        """Memory that the processes and their children hold."""
        return sum(process.memory_info().rss for process in self._family()) / 2**20

    def _family(self) -> list[psutil.Process]:
        own = [psutil.Process(process.pid) for process in self.processes]
        return own + [child for process in own for child in process.children(recursive=True)]

    def _last_lines(self) -> str:
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-3:]) or "it wrote nothing"


@contextlib.contextmanager
def running(
    commands: Sequence[Sequence[str]], *, folder: Path, stop_signal: signal.Signals = signal.SIGTERM
) -> Iterator[Running]:
    """Start the commands, and stop them at the end. What they write goes to `consumer.log` in `folder`."""
    log = folder / "consumer.log"
    environment = {**os.environ, stamps.FILE: str(folder / "stamps")}
    with log.open("wb") as output:
        begun = time.monotonic()
        processes = [
            subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            for command in commands
        ]
        try:
            yield Running(processes, begun, log)
        finally:
            _stop(processes, stop_signal)


def _stop(processes: Sequence["subprocess.Popen[bytes]"], stop_signal: signal.Signals) -> None:
    for process in processes:
        process.send_signal(stop_signal)
    for process in processes:
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
