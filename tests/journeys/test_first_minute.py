"""The first minute: from nothing to running jobs, by a person's own words on the real command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import rota
from tests.support.running import Running


def test_a_new_project_runs_at_once(tmp_path: Path) -> None:
    database = "sqlite:///rota.db"
    made = rota("init", "shop", cwd=tmp_path)
    assert (made.returncode, made.stdout.split()) == (0, [f"shop/{name}" for name in FILES])
    assert made.stderr.startswith("next:\n  cd shop\n")
    project = tmp_path / "shop"
    with Running("dev", database=database, cwd=project) as engine:
        engine.wait_for("Hello, world!")
        engine.wait_for("completed in")


FILES = [
    ".gitignore",
    "configurations/shop/jobs.yaml",
    "configurations/shop/shop_jobs.py",
    "configurations/shop/test_shop_jobs.py",
    "schemas/configuration-1.json",
    "schemas/overlay-1.json",
]


def test_what_is_refused_is_said_in_a_line(tmp_path: Path) -> None:
    refused = rota("init", "My Shop", cwd=tmp_path)
    assert (refused.returncode, list(tmp_path.iterdir())) == (2, [])
    assert refused.stderr.count("\n") == 1
    assert "how about --name my-shop?" in refused.stderr
    named = rota("init", ".", "--name", "shop", "--format", "json", cwd=tmp_path)
    assert json.loads(named.stdout) == {"folder": ".", "name": "shop", "written": FILES, "kept": []}
    empty = rota("init", "", "--name", "depot", cwd=tmp_path)
    assert (empty.returncode, "Invalid value for 'FOLDER': it is empty" in empty.stderr) == (2, True)
    again = rota("init", "--name", "shop", cwd=tmp_path)
    assert again.returncode == 2
    assert "holds jobs.yaml, shop_jobs.py, test_shop_jobs.py already; nothing was written" in again.stderr
