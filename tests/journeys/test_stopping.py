"""How `rota run` stops: by itself, by a signal, by a second one; and one engine per SQLite database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import environment
from tests.support.running import Running
from tests.support.shop import Shop


def start(shop: Shop, method: str, file: Path) -> str:
    return shop.rota("jobs", "start", method, "-p", f"file={file}").stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_running_jobs_may_end_within_the_grace(applied: Shop, tmp_path: Path, number: signal.Signals) -> None:
    job = start(applied, "shop_jobs:wait_for", tmp_path / "go")
    with applied.engine() as engine:
        engine.wait_for("started")
        engine.signal(number)
        engine.wait_for("stopping; 1 running may take 30 s to end")
        (tmp_path / "go").touch()
        engine.wait_for("completed")
        assert engine.end() == 0
    assert applied.job(job)["state"] == "completed"


def test_what_does_not_end_is_handed_back_and_runs_again(applied: Shop, tmp_path: Path) -> None:
    job = start(applied, "shop_jobs:wait_for", tmp_path / "go")
    with applied.engine("--grace", "0s") as engine:
        engine.wait_for("started")
        engine.signal(signal.SIGTERM)
        engine.wait_for("stopped; 1 handed back to run again")
        assert engine.end() == 0
    assert applied.job(job)["state"] == "waiting"
    (tmp_path / "go").touch()
    applied.rota("run", "--until-idle", "--no-scheduler")
    shown = applied.job(job)
    assert (shown["state"], shown["attempt"]) == ("completed", 2)


def test_a_second_ctrl_c_does_not_wait(applied: Shop, tmp_path: Path) -> None:
    start(applied, "shop_jobs:wait_for", tmp_path / "go")
    with applied.engine("--grace", "10m") as engine:
        engine.wait_for("started")
        engine.signal(signal.SIGINT)
        engine.wait_for("may take 600 s to end (Ctrl-C again")
        engine.signal(signal.SIGINT)
        engine.wait_for("stopped; 1 handed back")
        assert engine.end() == 0


def test_it_stops_when_its_time_is_over(applied: Shop) -> None:
    lines = applied.rota("run", "shop", "--for", "0s").stderr
    assert lines.startswith("configuration shop: nothing to do\n")
    assert lines.rstrip().endswith("stopped")
    assert "--for: " in applied.rota("run", "--for", "soon", code=2).stderr


def test_one_engine_per_sqlite_database(applied: Shop) -> None:
    with applied.engine("--no-scheduler") as engine:
        engine.wait_for("running as")
        refused = applied.rota("run", code=4).stderr
        assert f"an engine runs on this database already: process {engine.process.pid} on " in refused
        assert len(refused.splitlines()) == 1
        assert len(applied.json("status")["nodes"]) == 1
        engine.signal(signal.SIGKILL)
        engine.end()
    assert applied.json("status")["engine_active"] is False


def test_the_engine_outlives_whoever_reads_its_lines(applied: Shop, tmp_path: Path) -> None:
    job = start(applied, "shop_jobs:wait_for", tmp_path / "go")
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "rota", "run", "--until-idle", "--no-scheduler"]
    with subprocess.Popen(
        command, cwd=applied.folder, env=environment(applied.database), stderr=writing, stdin=subprocess.DEVNULL
    ) as engine:
        os.close(writing)
        while b"started" not in os.read(reading, 10_000):
            pass
        os.close(reading)
        (tmp_path / "go").touch()
        assert engine.wait(timeout=60) == 0
    assert applied.job(job)["state"] == "completed"


def test_applying_reaches_the_running_engine(applied: Shop) -> None:
    with Running("run", "--no-scheduler", database=applied.database, cwd=applied.folder) as engine:
        engine.wait_for("running as")
        applied.jobs("  hello:\n    command: [echo, hello]\n")
        applied.apply()
        applied.start_scheduled("hello")
        engine.wait_for("hello                 completed")
