"""The configuration of the benches and how it gets into a database. Called by drain.py and start.py."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

ROTA = str(Path(sys.executable).with_name("rota"))
CONFIGURATION = str(Path(__file__).with_name("configuration"))
JOBS = "tests.benchmarks.rota_side.bench_jobs"


def apply(url: str) -> None:
    """Make the tables and apply the configuration, before any clock runs."""
    for command in (["database", "upgrade"], ["apply", CONFIGURATION]):
        done = subprocess.run([ROTA, *command, "--database", url], capture_output=True, text=True, check=False)
        if done.returncode:
            verb = " ".join(["rota", *command[:2]])
            raise BenchmarkError(f"{verb} ended with status {done.returncode}: {done.stderr.strip()}")
