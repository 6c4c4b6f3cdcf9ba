"""The configuration of the benches and how it gets into a database. Called by the scripts of this folder."""

import subprocess
import sys
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

ROTA = str(Path(sys.executable).with_name("rota"))
CONFIGURATION = Path(__file__).with_name("configuration")
JOBS = "tests.benchmarks.rota_side.bench_jobs"


def apply(url: str) -> None:
    """Make the tables and apply the configuration, before any clock runs."""
    _run(url, "database", "upgrade")
    apply_configuration(url, CONFIGURATION)


def apply_configuration(url: str, folder: Path) -> None:
    """Apply another configuration."""
    _run(url, "apply", str(folder))


def _run(url: str, *command: str) -> None:
    done = subprocess.run([ROTA, *command, "--database", url], capture_output=True, text=True, check=False)
    if done.returncode:
        verb = " ".join(["rota", *command])
        raise BenchmarkError(f"{verb} ended with status {done.returncode}: {done.stderr.strip()}")
