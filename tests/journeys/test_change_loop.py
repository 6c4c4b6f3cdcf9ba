"""The change loop: a new project, its deployments, what operators do at night, and the way back, on each database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import rota


class Project:
    """A project that `rota init` wrote, used through the command line."""

    def __init__(self, folder: Path, database: str) -> None:
        self._folder, self._database = folder, database
        self.jobs = folder / "configurations" / "shop" / "jobs.yaml"
        assert rota("init", folder.name, cwd=folder.parent).returncode == 0
        self.rota("database", "upgrade")

    def rota(self, *arguments: str, code: int = 0) -> str:
        done = rota(*arguments, database=self._database, cwd=self._folder)
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def json(self, *arguments: str) -> Any:
        return json.loads(self.rota(*arguments, "--format", "json"))

    def edit(self, old: str, new: str) -> None:
        text = self.jobs.read_text()
        assert old in text
        self.jobs.write_text(text.replace(old, new))

    def greet(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.json("scheduled", "show", "greet")
        return shown


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    return Project(tmp_path / "shop", database_url)


def test_from_init_to_rollback(project: Project) -> None:
    assert "2 to create; 0 unchanged" in project.rota("plan", "--detailed-exitcode", code=2)
    assert "applied as revision 1" in project.rota("apply")
    project.rota("scheduled", "start", "count-files")
    assert "count-files           completed in" in project.rota("run", "--until-idle", "--no-scheduler")

    project.edit("day: 5s", "day: 3s")
    project.edit("shop_jobs:greet", "shop_jobs:gret")
    assert "did you mean greet?" in project.rota("apply", code=1)
    assert project.greet()["schedule_text"] == "Every day, every 5 seconds (UTC)"
    project.edit("shop_jobs:gret", "shop_jobs:greet")
    project.rota("plan", "--out", "next.plan")
    assert "applied as revision 2" in project.rota("apply", "--plan", "next.plan")
    assert project.greet()["schedule_text"] == "Every day, every 3 seconds (UTC)"

    assert "applied as revision 3" in project.rota("rollback", "1")
    assert project.greet()["schedule_text"] == "Every day, every 5 seconds (UTC)"
    project.edit("day: 3s", "day: 5s")
    assert "no changes to 2 definitions" in project.rota("plan", "--detailed-exitcode")
    assert [row["restores"] for row in project.json("history")] == [1, None, None]


def test_what_is_switched_off_at_night_is_off_after_the_next_deployment(project: Project) -> None:
    project.rota("apply")
    project.rota("scheduled", "disable", "greet", "--reason", "it wakes the neighbours")
    project.rota("scheduled", "set", "count-files", "timeout=1m", "--until", "2h")
    project.edit("name: world", "name: Ann")
    project.edit("timeout: 5m", "timeout: 10m")
    planned = project.rota("apply")
    assert "parameters.name: world -> Ann" in planned
    assert "timeout: 5m -> 10m  (hidden by an override)" in planned
    greet = project.greet()
    assert (greet["use"], greet["next_start"], greet["parameters"]) == (False, None, {"name": "Ann"})

    drifted = {each["scheduled_job"]: each for each in project.json("drift")}
    assert (drifted["greet"]["value"], drifted["greet"]["reason"]) == (False, "it wakes the neighbours")
    assert (drifted["count-files"]["value"], drifted["count-files"]["configured"]) == (60.0, 600.0)
    assert (drifted["greet"]["until"], drifted["count-files"]["until"] is None) == (None, False)

    project.rota("scheduled", "reset", "greet")
    assert project.greet()["use"] is True


def test_what_is_exported_is_what_is_applied(project: Project) -> None:
    project.rota("apply")
    project.rota("scheduled", "disable", "greet")
    exported = project.jobs.with_name("exported.yaml")
    project.rota("export", "--out", str(exported))
    assert "no changes to 2 definitions" in project.rota("plan", str(exported), "--detailed-exitcode")
    assert "nothing to do, revision 1 stands" in project.rota("apply", str(exported))
    project.rota("export", "--effective", "--out", str(exported))
    assert "applied as revision 2" in project.rota("apply", str(exported))
    project.rota("scheduled", "reset", "greet")
    assert project.greet()["use"] is False
