"""One configuration for several environments: overlays and variables, the same for every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import rota

SHOP = """\
rota: 1
configuration: {name: shop}
jobs:
  rates:
    command: [echo, "${GREETING:-hello}"]
    priority: ${PRIORITY:-1}
"""
PROD = "rota: 1\njobs: {rates: {key: production, schedule: {cron: '@daily'}}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop" / "environments").mkdir(parents=True)
    (tmp_path / "shop" / "rota.yaml").write_text(SHOP)
    (tmp_path / "shop" / "environments" / "prod.yaml").write_text(PROD)
    return tmp_path


def test_validate_plan_apply_and_run_read_it_alike(folder: Path) -> None:
    database = f"sqlite:///{folder / 'rota.db'}"
    chosen = ["shop", "--environment", "prod", "--set", "GREETING=good day", "--set", "PRIORITY=5"]
    assert rota("validate", *chosen, cwd=folder).returncode == 0
    planned = rota("plan", *chosen, "--format", "json", database=database, cwd=folder)
    (plan,) = json.loads(planned.stdout)
    (properties,) = (change["properties"] for change in plan["changes"] if change["kind"] == "definition")
    assert properties["command"]["to"] == ["echo", "good day"]
    assert (properties["priority"]["to"], properties["key"]["to"]) == (5, "production")
    assert rota("apply", *chosen, database=database, cwd=folder).returncode == 0
    again = rota("run", "shop", "-e", "prod", *chosen[3:], "--until-idle", database=database, cwd=folder)
    assert "configuration shop: nothing to do" in again.stderr
    other = rota("plan", "shop", "--detailed-exitcode", database=database, cwd=folder)
    assert other.returncode == 2
    assert "priority: 5 -> 1" in other.stdout


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "run"])
def test_an_error_in_an_overlay_is_told_by_every_command(folder: Path, command: str) -> None:
    (folder / "shop" / "environments" / "prod.yaml").write_text(PROD.replace("key: production", "priority: high"))
    done = rota(command, "shop", "-e", "prod", database=f"sqlite:///{folder / 'rota.db'}", cwd=folder)
    assert done.returncode == 1
    assert "shop/environments/prod.yaml:2:26: jobs.rates.priority: takes a whole number, not 'high'" in done.stderr
    assert "jobs.rates: warning" not in done.stderr, "the overlay gives the job its schedule"


def test_validate_checks_every_environment(folder: Path) -> None:
    (folder / "shop" / "environments" / "dev.yaml").write_text("rota: 1\njobs: {rates: {key: '${DEV_KEY}'}}\n")
    done = rota("validate", "shop", cwd=folder)
    assert done.returncode == 0
    counts = "(1 job in 2 files; checked: schema, semantics, code)"
    assert done.stderr.endswith(
        "shop: valid, 1 warning (1 job in 1 file; checked: schema, semantics, code)\n"
        f"shop, environment dev: valid, 2 warnings {counts}\n"
        f"shop, environment prod: valid {counts}\n"
    )
    assert (
        "dev.yaml:2:21: jobs.rates.key: warning: the variable DEV_KEY is not set: this value is not checked"
        in done.stderr
    )
    assert done.stderr.count("never starts by itself") == 1, "it is told once"
    assert rota("validate", "shop", "-e", "dev", cwd=folder).returncode == 1, "who asks for it has its variables"
    (folder / "shop" / "environments" / "prod.yaml").write_text(PROD.replace("key:", "kye:"))
    wrong = rota("validate", "shop", "--format", "json", cwd=folder)
    assert wrong.returncode == 1
    assert [(each["file"], each["line"]) for each in json.loads(wrong.stdout) if each["severity"] == "error"] == [
        ("shop/environments/prod.yaml", 2)
    ]


@pytest.mark.parametrize("given", ["PRIORITY", "=5", "MY-PRIORITY=5"])
def test_a_variable_that_is_none_is_refused(folder: Path, given: str) -> None:
    done = rota("validate", "shop", "--set", given, cwd=folder)
    assert done.returncode == 2
    assert done.stderr == f"rota: --set {given}: write NAME=VALUE; a name has letters, digits and underscores\n"


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "run", "dev"])
def test_what_is_empty_is_refused(folder: Path, command: str) -> None:
    """A pipeline's variable that is not set must not stand for the current folder, or for no environment."""
    database = f"sqlite:///{folder / 'rota.db'}"
    nameless = rota(command, "", database=database, cwd=folder)
    assert (nameless.returncode, "Invalid value for 'CONFIG': it is empty" in nameless.stderr) == (2, True)
    nowhere = rota(command, "shop", "-e", "", database=database, cwd=folder)
    assert nowhere.stderr == "rota: --environment: it is empty; leave it out for the files without an overlay\n"
    assert not (folder / "rota.db").exists()
