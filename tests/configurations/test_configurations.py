"""The real configurations: each is valid, applies to every kind of database, and the quickstart shows what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.command_line import ROOT, environment, rota

CONFIGURATIONS = sorted(path for path in (ROOT / "configurations").iterdir() if path.is_dir())
FILES = sorted(path for folder in CONFIGURATIONS for path in folder.rglob("*.yaml"))

every_configuration = pytest.mark.parametrize("folder", CONFIGURATIONS, ids=lambda path: path.name)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_editor_finds_the_schema(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    match = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert match is not None, first
    assert (file.parent / match[1]).is_file()


@every_configuration
def test_it_is_valid(folder: Path) -> None:
    result = rota("validate", folder)
    assert result.returncode == 0, result.stdout + result.stderr


@every_configuration
def test_it_applies_and_then_changes_nothing(folder: Path, database_url: str) -> None:
    upgraded = rota("database", "upgrade", database=database_url)
    assert upgraded.returncode == 0, upgraded.stdout + upgraded.stderr
    result = rota("apply", folder, database=database_url)
    assert result.returncode == 0, result.stdout + result.stderr
    again = rota("plan", folder, "--detailed-exitcode", database=database_url)
    assert again.returncode == 0, again.stdout + again.stderr


def test_every_housekeeping_job_does_its_work(tmp_path: Path) -> None:
    folder, database = ROOT / "configurations" / "housekeeping", f"sqlite:///{tmp_path}/rota.db"
    assert rota("apply", folder, database=database).returncode == 0
    # Each round needs what the round before has made.
    for names in (["disk-watch"], ["backup"], ["disk-usage", "rotate-backups", "changed-files", "unsteady-service"]):
        for name in names:
            started = rota("scheduled", "start", name, database=database)
            assert started.returncode == 0, started.stdout + started.stderr
        run = rota("run", folder, "--until-idle", database=database, cwd=tmp_path)
        assert run.returncode == 0, run.stdout + run.stderr
    jobs = json.loads(rota("jobs", "list", "--format", "json", database=database).stdout)
    assert {job["definition"]: job["state"] for job in jobs} == dict.fromkeys(
        ["disk-watch", "backup", "disk-usage", "rotate-backups", "changed-files", "unsteady-service"], "completed"
    )
    assert [path.suffix for path in (tmp_path / "var" / "backups").iterdir()] == [".db"]


def test_the_quickstart_shows_jobs_ending_and_a_restart(tmp_path: Path) -> None:
    wanted = {"greet", "count", "stumble"}
    engine = subprocess.Popen(
        [sys.executable, "-m", "rota", "run", "configurations/quickstart"],
        cwd=ROOT,
        env=environment(f"sqlite:///{tmp_path}/quickstart.db"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    limit = threading.Timer(60, engine.kill)
    limit.start()
    lines: list[str] = []
    with engine:
        assert engine.stdout is not None
        while wanted and (line := engine.stdout.readline()):
            lines.append(line)
            wanted -= {name for name in wanted if name in line and "completed" in line}
        engine.terminate()
        lines += engine.stdout
    limit.cancel()
    assert not wanted, "".join(lines)
    assert any("stumble" in line and "restart 1 of 2" in line for line in lines), "".join(lines)
    assert engine.returncode == 0
