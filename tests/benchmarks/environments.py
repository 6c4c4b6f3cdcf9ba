"""The two environments of a run: the peers from PyPI, and Rota from this checkout, on the same Python.

Both are virtual environments in `.benchmarks/`, kept between runs. Called by __main__.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.failure import BenchmarkError

CHECKOUT = Path(__file__).parents[2]
CACHE = CHECKOUT / ".benchmarks"
PINS = Path(__file__).with_name("peers.txt")
# Oban needs it; without it the other benches run all the same.
WANTED = (3, 12)


def interpreter() -> tuple[Path, tuple[int, int]]:
    """The Python of both environments, with its version: the first found that is new enough for every peer.

    This one is looked at first, and taken where none is; the caller sees that by the version.
    """
    for candidate in _candidates():
        version = _version(candidate)
        if version and version >= WANTED:
            return candidate, version
    return Path(sys.executable), sys.version_info[:2]


def peers(python: Path, version: tuple[int, int]) -> Path:
    """The interpreter of the peers' environment, made when peers.txt changed or it does not exist."""
    place = CACHE / f"peers-{version[0]}.{version[1]}"
    stamp = place / "peers.txt"
    if not stamp.exists() or stamp.read_text() != PINS.read_text():
        shutil.rmtree(place, ignore_errors=True)
        _create(python, place)
        _install(place, "--requirement", str(PINS))
        stamp.write_text(PINS.read_text())
    return place / "bin" / "python"


def rota(python: Path, version: tuple[int, int]) -> Path:
    """The interpreter of Rota's environment, with the checkout as it is now installed in it."""
    place = CACHE / f"rota-{version[0]}.{version[1]}"
    if not (place / "bin" / "python").exists():
        _create(python, place)
    pins = CACHE / "constraints.txt"
    pins.write_text(PINS.read_text())
    _install(place, "--constraint", str(pins), "psutil", f"{CHECKOUT}[postgresql]")
    return place / "bin" / "python"


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for minor in (12, 13, 14):
        if found := shutil.which(f"python3.{minor}"):
            yield Path(found)
    # pyenv's commands on PATH answer only for the version that is switched on.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob("versions/3.1[2-4]*/bin/python"))


def _version(python: Path) -> tuple[int, int] | None:
    """The version of an interpreter that can make environments with SQLite, else None."""
    probe = "import ensurepip, sqlite3, sys, venv; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    if answer.returncode:
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)


def _create(python: Path, place: Path) -> None:
    _run([str(python), "-m", "venv", str(place)], f"cannot create the environment {place}")


def _install(place: Path, *what: str) -> None:
    command = [
        str(place / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *what,
    ]
    _run(command, f"cannot install into {place}")


def _run(command: list[str], failure: str) -> None:
    """Run a command; its whole output is kept in a log, since pip's last lines rarely name the cause."""
    log = CACHE / "install.log"
    with log.open("w+") as output:
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
            output.seek(0)
            causes = [line.strip() for line in output if "Error:" in line or "ERROR:" in line]
            raise BenchmarkError(f"{failure}: {causes[-1] if causes else 'no cause named'} (all of it: {log})")
