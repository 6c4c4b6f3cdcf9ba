"""Programs as jobs: those that a configuration declares, and those that somebody starts by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import rota
from rota.model.errors import KeyInUse, UsageError
from tests.support.shop import Shop

DECLARED = """\
  list:
    command: [sh, -c, "ls; echo $GREETING; exit 3"]
    environment: {GREETING: good day}
    working_directory: files
    ok_exit_codes: [0, 3]
    schedule: {cron: "@yearly"}
"""

AROUND = ("working_directory", "ok_exit_codes", "environment")


def stdout_of(shop: Shop, job: str) -> str:
    records = shop.json("jobs", "show", job)["records"]
    return "".join(record["data"] for record in records if record["stream"] == "stdout")


def test_a_declared_command_runs_in_its_surroundings(applied: Shop) -> None:
    files = applied.folder / "shop" / "files"
    files.mkdir()
    (files / "letter.txt").touch()
    applied.jobs(DECLARED)
    planned = applied.rota("plan", "shop", "--detailed-exitcode", code=2).stdout
    assert "working_directory: files" in planned
    applied.apply()
    applied.start_scheduled("list")
    applied.rota("run", "--no-apply", "--until-idle")
    shown = applied.json("jobs", "show", "list")
    assert (shown["state"], shown["result"]) == ("completed", {"exit_code": 3})
    around = shown["working_directory"], shown["ok_exit_codes"], shown["environment"]
    assert around == ("files", [0, 3], ["GREETING"])
    configured = applied.scheduled("list")
    assert (*around[:2], {"GREETING": "good day"}) == tuple(configured[each] for each in AROUND)
    for text in (applied.rota("jobs", "show", "list").stdout, applied.rota("scheduled", "show", "list").stdout):
        lines = [line.split(maxsplit=1) for line in text.splitlines()]
        assert [line for line in lines if line[0] in ("environment", "folder")] == [
            ["environment", "GREETING"],
            ["folder", "files"],
        ]
        assert "ok exit codes  0, 3" in text
    assert stdout_of(applied, "list") == "letter.txt\ngood day\n"
    assert "no changes" in applied.rota("plan", "shop", "--detailed-exitcode").stdout


def test_a_command_that_no_definition_names(applied: Shop) -> None:
    argv = ["sh", "-c", "echo $0 $ROTA_JOB_ID", "--wait"]
    started = applied.rota("jobs", "start", "--name", "by-hand", "--command", "--", *argv).stdout.strip()
    applied.rota("run", "--no-apply", "--until-idle")
    job = applied.job("by-hand")
    assert (job["id"], job["state"], job["command"], job["method"]) == (started, "completed", argv, None)
    assert stdout_of(applied, started) == f"--wait {started}\n"


def test_what_is_around_a_command_is_said_on_the_command_line(applied: Shop) -> None:
    (applied.folder / "here").mkdir()
    around = (
        "--environment",
        "A=b c=d",
        "--environment",
        "N=7",
        "--working-directory",
        "here",
        "--ok-exit-codes",
        "0,7",
    )
    argv = ("sh", "-c", 'pwd; echo "$A $N"; exit $N')
    started = applied.rota("jobs", "start", *around, "--command", "--", *argv).stdout.strip()
    applied.rota("run", "--no-apply", "--until-idle")
    assert applied.job(started)["state"] == "completed"
    assert stdout_of(applied, started) == f"{applied.folder / 'here'}\nb c=d 7\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--working-directory", "/", "shop_jobs:load"], "go with --command"),
        (["--environment", "A", "--command", "--", "true"], "'A' is not of the form name=value"),
        (["--environment", "A=1", "--environment", "A=2", "--command", "--", "true"], "A is given twice"),
        (["--working-directory", "", "--command", "--", "true"], "working_directory '' is relative"),
        (["--working-directory", "gone", "--command", "--", "true"], "gone' is no folder"),
        (["--ok-exit-codes", "0,x", "--command", "--", "true"], "--ok-exit-codes 0,x: whole numbers"),
        (["--ok-exit-codes", "256", "--command", "--", "true"], "exit codes are numbers from 0 to 255"),
        (["-p", "a=b", "--command", "--", "true"], "a command takes no parameters"),
        (["--executor", "thread", "--command", "--", "true"], "no executor 'thread' for commands: command"),
        (["--command", "--", ""], "a command needs a program to run"),
        (["shop_jobs:load", "more"], "one method, not 2; a program needs --command before it"),
    ],
)
def test_what_is_no_command_is_refused(applied: Shop, arguments: list[str], words: str) -> None:
    assert words in applied.rota("jobs", "start", *arguments, code=2).stderr
    assert applied.job_list() == []


def test_commands_in_python(applied: Shop, tmp_path: Path) -> None:
    with rota.connect(applied.database) as platform:
        start = platform.background_jobs.start_command
        job = start(
            ["sh", "-c", 'pwd; echo "$A"; exit 7'],
            environment={"A": "b c"},
            working_directory=str(tmp_path),
            ok_exit_codes=[7],
            key="one",
        )
        with pytest.raises(KeyInUse):
            start(["sh", "-c", "true"], key="one")
        assert start(["sh"], key="one", on_conflict="skip").id == job.id
        assert start(["true"], key="one").id != job.id
        applied.rota("run", "--no-apply", "--until-idle")
        assert job.refresh().result == {"exit_code": 7}
    assert stdout_of(applied, job.id) == f"{tmp_path}\nb c\n"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"argv": []}, "needs a program"),
        ({"argv": "ls -l"}, r"is a list .* such as \['ls', '-l'\]"),
        ({"argv": ["a"], "working_directory": "/no/such/folder"}, "is no folder"),
        ({"argv": ["a\0b"]}, "without NUL"),
        ({"argv": ["a", 1]}, "are text"),
        ({"argv": ["a"], "environment": {"A": 1}}, "are text"),
        ({"argv": ["a"], "working_directory": "files"}, "is relative"),
        ({"argv": ["a"], "working_directory": Path("files")}, "is relative"),
        ({"argv": ["a"], "environment": ["A=1"]}, "environment is a mapping of texts"),
        ({"argv": ["a"], "ok_exit_codes": 0}, "ok_exit_codes is a list of numbers, not 0"),
        ({"argv": ["a"], "ok_exit_codes": [256]}, "from 0 to 255"),
    ],
)
def test_a_command_that_could_never_run_is_refused(applied: Shop, values: dict[str, object], words: str) -> None:
    with rota.connect(applied.database) as platform:
        with pytest.raises(UsageError, match=words):
            platform.background_jobs.start_command(**values)  # type: ignore[arg-type]
        assert platform.background_jobs.list() == []
