"""One repository in several folders: planned in one, applied in another, run by an engine that has a third."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.shop import Shop

CODE = """\
from pathlib import Path

def where() -> str:
    return str(Path(__file__).parent)
"""
JOBS = """\
  code:
    method: shop_jobs:where
    schedule: {cron: "@yearly"}
  files:
    command: [pwd, -P]
    working_directory: files
    schedule: {cron: "@yearly"}
"""


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clones(tmp_path: Path, database_url: str) -> list[Shop]:
    """Three clones of one repository."""
    (tmp_path / "origin").mkdir()
    origin = written(tmp_path / "origin", database_url)
    (origin.folder / "shop" / "files").mkdir()
    (origin.folder / "shop" / "files" / "letter.txt").touch()
    git(origin.folder, "init", "--quiet")
    git(origin.folder, "add", "shop")
    git(origin.folder, "commit", "--quiet", "--message", "the shop")
    origin.rota("database", "upgrade")
    names = ("planning", "applying", "running")
    for name in names:
        git(tmp_path, "clone", "--quiet", "origin", name)
    return [written(tmp_path / name, database_url) for name in names]


def written(folder: Path, database: str) -> Shop:
    """A shop with these files, which a clone has already."""
    made = Shop(folder, database)
    made.code(CODE)
    made.jobs(JOBS)
    return made


def run(shop: Shop, *arguments: str) -> set[Path]:
    """The folders in which an engine runs the two jobs."""
    shop.start_scheduled("code")
    shop.start_scheduled("files")
    shop.rota("run", "--until-idle", *arguments)
    records = shop.json("jobs", "show", "files")["records"]
    printed = "".join(each["data"] for each in records if each["stream"] == "stdout")
    return {Path(shop.job("code")["result"]), Path(printed.strip())}


def folders_of(shop: Shop) -> set[Path]:
    place = (shop.folder / "shop").resolve()
    return {place, place / "files"}


def test_a_plan_of_one_clone_is_applied_in_another_and_run_by_whoever_has_the_code(clones: list[Shop]) -> None:
    planning, applying, running = clones
    planning.rota("plan", "shop", "--out", "../rota.plan")
    assert "applied as revision 1" in applying.rota("apply", "--plan", "../rota.plan").stdout
    assert run(planning, "--no-apply") == folders_of(applying)
    assert run(planning, "--no-apply", str(running.folder / "shop")) == folders_of(running)


def test_an_engine_that_applies_runs_its_own_code(clones: list[Shop]) -> None:
    _, applying, running = clones
    applying.rota("apply", "shop")
    moved = running.rota("apply", "shop")
    assert "nothing to do, revision 1 stands" in moved.stdout
    assert f"warning: moves from {applying.folder / 'shop'} to {running.folder / 'shop'}" in moved.stderr
    assert "warning" not in running.rota("apply", "shop").stderr
    assert run(applying, "--no-apply") == folders_of(running)
    assert run(applying, "shop") == folders_of(applying)


def test_a_commit_more_makes_the_plan_stale(clones: list[Shop]) -> None:
    planning, applying, _ = clones
    planning.rota("plan", "shop", "--out", "../rota.plan")
    applying.jobs(JOBS.replace("@yearly", "@monthly", 1))
    refused = applying.rota("apply", "--plan", "../rota.plan", code=4).stderr
    assert "its files, the environment or a variable are not those that the plan was made from" in refused
