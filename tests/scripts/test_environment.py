"""The scripts choose a Python that works, and say in one line what is wrong where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import ROOT

TOOLS = ("cat", "cksum", "mkdir", "tail")


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder for PATH with the tools that the scripts need, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


def put(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def source(script: str, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run `script` after .ci/environment.sh, with nothing but `programs` on PATH."""
    return subprocess.run(
        ["/bin/sh", "-c", f". .ci/environment.sh\n{script}"],
        cwd=ROOT,
        env={"PATH": str(programs)},
        capture_output=True,
        text=True,
        check=False,
    )


WORKING = f'exec "{sys.executable}" "$@"'
OLD = '[ "$1" = --version ] && echo "Python 3.9.2" && exit 0; exit 1'


def test_the_newest_python_that_works_is_chosen(programs: Path) -> None:
    put(programs, "python3.14", "exit 127")  # a shim without a Python behind it
    put(programs, "python3.12", WORKING)
    put(programs, "python3", WORKING)
    assert source("find_python", programs).stdout == "python3.12\n"


def test_an_old_python_is_named(programs: Path) -> None:
    put(programs, "python3", OLD)
    result = source("find_python", programs)
    assert result.returncode == 1
    assert result.stderr == "Rota needs Python 3.11 or newer with its venv module; found only Python 3.9.2.\n"


def test_without_python_it_says_so(programs: Path) -> None:
    result = source("find_python", programs)
    assert result.returncode == 1
    assert result.stderr == "Rota needs Python 3.11 or newer; there is no python3 on PATH.\n"


def test_a_failed_installation_shows_the_end_of_its_log_and_is_not_taken_for_done(
    programs: Path, tmp_path: Path
) -> None:
    put(programs, "python3", f'case "$1" in -c|--version) {WORKING} ;; esac; echo "no room left" >&2; exit 1')
    environment = tmp_path / "environment"
    for _ in range(2):
        result = source(f'make_environment "{environment}"', programs)
        assert result.returncode == 1
        assert "Installing Rota into" in result.stderr
        assert result.stderr.endswith("no room left\n")
    assert not list(environment.glob("rota-installed*"))
