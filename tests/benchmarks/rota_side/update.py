"""A large configuration with Rota: each command is a whole process, timed by the processor time it takes."""

import os
import resource
import subprocess
from pathlib import Path

from tests.benchmarks import script, written
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.rota_side.applied import ROTA


def main() -> None:
    """Validate, plan, apply and apply again; then keep a plan and apply it to another database; answer."""
    asked = script.arguments("files")
    folder = written.write(asked.folder / "large", jobs=asked.jobs, files=asked.files)
    where = ["--database", script.sqlalchemy_url(asked.database)]
    elsewhere = ["--database", script.sqlalchemy_url(str(asked.folder / "planned.db"))]
    plan = str(asked.folder / "plan")
    figures = {
        "validate": _seconds("validate", folder, []),
        "plan": _seconds("plan", folder, where),
        "apply": _seconds("apply", folder, where),
        "again": _seconds("apply", folder, where),
        "both": _seconds("plan", folder, [*elsewhere, "--out", plan])
        + _seconds("apply", folder, [*elsewhere, "--plan", plan]),
    }
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    script.answer(
        f"{script.named('rota')}: {script.counted(asked.files, 'file')}",
        **{name: seconds * 1000 for name, seconds in figures.items()},
        memory=memory,
    )


def _seconds(command: str, folder: Path, options: list[str]) -> float:
    before = _spent()
    arguments = [ROTA, command, str(folder), "--no-code", *options]
    environment = {**os.environ, "ROTA_PLAN_KEY": "the bench"}
    done = subprocess.run(arguments, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise BenchmarkError(f"rota {command} ended with status {done.returncode}: {done.stderr.strip()}")
    return _spent() - before


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    script.run(main)
