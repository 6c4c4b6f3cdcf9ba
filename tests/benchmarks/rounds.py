"""The rounds: every side of a bench once, again and again, each on a fresh store. Called by __main__."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.catalogue import Bench, Command, Environment, Script, Store
from tests.benchmarks.environments import CACHE, CHECKOUT
from tests.benchmarks.failure import BenchmarkError


@dataclass(frozen=True)
class Answer:
    """What one run of one side yielded."""

    settings: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Result:
    """All runs of one side."""

    environment: Environment
    settings: str
    runs: tuple[Answer, ...]

    def spread(self, figure: str) -> tuple[float, float, float] | None:
        """Median, least and greatest of a figure; None where the side has no such figure."""
        found = [run.figures[figure] for run in self.runs if figure in run.figures]
        return (statistics.median(found), min(found), max(found)) if found else None


@dataclass(frozen=True)
class Rounds:
    """Runs benches: `pythons` are the interpreters of the environments, `postgresql` gives a fresh database's URL."""

    pythons: Mapping[Environment, Path]
    postgresql: Callable[[], str]
    report: Callable[[str], None]

    def run(self, bench: Bench, rounds: int) -> tuple[Result, ...]:
        """Measure all sides of the bench, interleaved, and return their results in the same order.

        Raises BenchmarkError when a side cannot run or leaves a wrong outcome.
        """
        answers: list[list[Answer]] = [[] for _ in bench.sides]
        for number in range(1, max(rounds, bench.least_rounds) + 1):
            for side, found in zip(bench.sides, answers, strict=True):
                found.append(self._measure(bench, side))
                figures = ", ".join(
                    f"{figure.name} {found[-1].figures[figure.name]:,.{figure.decimals}f}"
                    for figure in bench.figures
                    if figure.name in found[-1].figures
                )
                self.report(f"{bench.name} {number}: {found[-1].settings}: {figures}")
        return tuple(
            Result(side.environment, found[-1].settings, tuple(found))
            for side, found in zip(bench.sides, answers, strict=True)
        )

    def _measure(self, bench: Bench, side: Script | Command) -> Answer:
        # Beside the environments, so on the checkout's disk: a temporary folder may be in memory.
        with tempfile.TemporaryDirectory(prefix="run-", dir=CACHE) as folder:
            if isinstance(side, Command):
                return self._command(side, Path(folder))
            return self._script(bench, side, Path(folder))

    def _command(self, side: Command, folder: Path) -> Answer:
        program = self.pythons[side.environment].with_name(side.arguments[0])
        begun = time.perf_counter()
        done = subprocess.run([program, *side.arguments[1:]], cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - begun
        if done.returncode:
            raise BenchmarkError(f"{side.label} ended with status {done.returncode}: {_last_lines(done.stderr)}")
        return Answer(side.label, {"milliseconds": seconds * 1000})

    def _script(self, bench: Bench, side: Script, folder: Path) -> Answer:
        database = self.postgresql() if bench.store is Store.POSTGRESQL else str(folder / "bench.db")
        given = {"database": database, "folder": folder, **side.options}
        options = [part for name, value in given.items() for part in (f"--{name}", str(value))]
        command = [str(self.pythons[side.environment]), "-m", side.module, *options]
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},  # consumers import their jobs from here
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchmarkError(f"{bench.name}: {side.label} failed: {_last_lines(done.stderr)}")
        answer = json.loads(done.stdout.splitlines()[-1])
        return Answer(answer["settings"], answer["figures"])


def _last_lines(text: str) -> str:
    return " | ".join(text.strip().splitlines()[-3:]) or "it wrote nothing"
