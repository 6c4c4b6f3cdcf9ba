"""From another system's jobs to jobs in a database, through the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command_line import rota
from tests.support.onec import REAL, SCHEDULES, write_dump

CRONTAB = "CRON_TZ=Europe/Berlin\n30 2 * * * backup.sh\n@reboot start.sh\n"

CRONJOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: report}
spec:
  schedule: "0 6 * * *"
  timeZone: Europe/Berlin
  jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: b, command: [report]}]}}}}
"""


SETTINGS = "beat_schedule = {'rates': {'task': 'shop.load', 'schedule': 30, 'kwargs': {'currency': 'USD'}}}"


def run(*arguments: str | Path, cwd: Path, code: int = 0) -> tuple[str, str]:
    result = rota(*arguments, cwd=cwd, database=f"sqlite:///{cwd}/rota.db")
    assert result.returncode == code, result.stdout + result.stderr
    return result.stdout, result.stderr


def applied(folder: Path) -> list[str]:
    """The names of the scheduled jobs once the imported configuration is validated and applied."""
    _, told = run("validate", "imported", cwd=folder)
    assert "checked: schema, semantics, code" in told
    run("apply", "imported", cwd=folder)
    listed, _ = run("scheduled", "list", "--format", "json", cwd=folder)
    return [job["name"] for job in json.loads(listed)]


@pytest.mark.parametrize("source", ["dump", *(["real"] if REAL.is_dir() else [])])
def test_onec_applies_and_lists_at_once(tmp_path: Path, source: str) -> None:
    folder, jobs = (REAL, 45) if source == "real" else (write_dump(tmp_path / "shop"), len(SCHEDULES))
    _, told = run("import", "onec", folder, "--timezone", "UTC", cwd=tmp_path)
    assert told == f"imported: written ({jobs} jobs, 0 findings)\nnext: rota validate imported\n"
    names = applied(tmp_path)
    assert "accounting-check" in names
    assert len(names) == jobs - (9 if source == "real" else 0)  # nine of the real ones are templates


def test_crontab_applies_and_lists_at_once(tmp_path: Path) -> None:
    (tmp_path / "cron").write_text(CRONTAB)
    _, told = run("import", "crontab", "cron", "--timezone", "UTC", cwd=tmp_path)
    assert "cron:3: jobs.start: warning: @reboot: nothing starts with the machine" in told
    assert applied(tmp_path) == ["backup", "start"]


def test_kubernetes_applies_and_lists_at_once(tmp_path: Path) -> None:
    (tmp_path / "cron.yaml").write_text(CRONJOB)
    out, _ = run("import", "kubernetes", "cron.yaml", "--format", "json", cwd=tmp_path)
    report = json.loads(out)
    assert (report["folder"], report["jobs"]) == ("imported", ["report"])
    assert {finding["severity"] for finding in report["findings"]} == {"warning"}
    assert applied(tmp_path) == ["report"]


def test_celery_beat_applies_and_lists_at_once(tmp_path: Path) -> None:
    (tmp_path / "shop_settings.py").write_text(SETTINGS)
    run("import", "celery-beat", "shop_settings", cwd=tmp_path)
    assert applied(tmp_path) == ["rates"]


def test_bad_input_gets_one_line_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "cron").write_text("99 * * * * backup.sh\n")
    _, told = run("import", "crontab", "cron", cwd=tmp_path, code=1)
    problem, hint = told.splitlines()
    assert problem == 'cron:1: jobs.backup.schedule.cron: not a cron expression: "99 * * * *": Bad minute'
    assert hint == "    hint: minute: 0 to 59"
    assert not (tmp_path / "imported").exists()


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cron").write_text(CRONTAB)
    run("import", "crontab", "cron", cwd=tmp_path)
    _, told = run("import", "crontab", "cron", cwd=tmp_path, code=2)
    assert "--to imported: is not empty" in told
    run("import", "crontab", "cron", "--force", cwd=tmp_path)
