"""What goes where: data to stdout, everything else to stderr, colours to terminals only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.command_line import environment, rota
from tests.support.shop import Shop
from tests.support.terminal import on_terminal


def test_data_and_nothing_else_goes_to_stdout(applied: Shop) -> None:
    done = applied.rota("run", "shop", "--for", "0s")
    assert (done.stdout, "running as" in done.stderr) == ("", True)
    done = applied.rota("scheduled", "list")
    assert done.stderr == ""
    assert [row.split()[0] for row in done.stdout.splitlines()] == ["NAME", "backup", "rates"]
    done = applied.rota("jobs", "list", "--format", "json")
    assert (json.loads(done.stdout), done.stderr) == ([], "")


def test_a_terminal_shows_colours_unless_they_are_not_wanted(applied: Shop) -> None:
    applied.jobs("  hello:\n    command: [echo, hello]\n")
    where: dict[str, Any] = {"database": applied.database, "cwd": applied.folder}
    coloured = on_terminal("plan", "shop", "--no-code", **where)
    assert "\x1b[32m  + definition hello\x1b[0m\n" in coloured
    assert "\x1b[31m  - definition rates\x1b[0m\n" in coloured
    assert "\x1b[" not in on_terminal("plan", "shop", "--no-code", **where, colour=False)
    assert "\x1b[" not in applied.rota("plan", "shop", "--no-code").stdout


def test_a_table_that_a_terminal_is_too_narrow_for_loses_no_word(applied: Shop) -> None:
    where: dict[str, Any] = {"database": applied.database, "cwd": applied.folder, "colour": False}

    def shown(columns: str) -> str:
        return on_terminal("scheduled", "list", **where, columns=columns).replace("\x1b[1m", "").replace("\x1b[0m", "")

    wide = shown("160")
    assert len(wide.splitlines()) == 3
    assert len(shown("90").splitlines()) == 4
    assert shown("90").split() == shown("60").split() == wide.split()


def test_a_reader_that_has_seen_enough_is_no_failure(applied: Shop) -> None:
    line = f"{sys.executable} -m rota schedule next @hourly --count 10000 | head -c 10; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=applied.folder,
        env=environment(applied.database),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def unread(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, whose reader has left before it begins to write."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return rota(*arguments, database=shop.database, cwd=shop.folder, stdout=writing)
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("plan shop --detailed-exitcode --format json", 2),
        ("plan shop --max-deletes 0 --format json", 1),
        ("apply shop --max-deletes 0 --format json", 4),
        ("validate wrong.yaml --format json", 1),
        ("plan wrong.yaml --format markdown", 1),
    ],
)
def test_who_reads_no_further_changes_no_verdict(applied: Shop, line: str, code: int) -> None:
    applied.jobs("".join(f"  new-{number}: {{command: [echo], use: false}}\n" for number in range(200)))
    wrong = (f"  wrong-{number}: {{command: echo}}\n" for number in range(300))
    (applied.folder / "wrong.yaml").write_text(f"rota: 1\nconfiguration: {{name: wrong}}\njobs:\n{''.join(wrong)}")
    done = unread(applied, *line.split())
    assert done.returncode == code
    assert "BrokenPipe" not in done.stderr


def test_work_that_was_begun_is_done_though_nobody_reads_of_it(applied: Shop) -> None:
    jobs = [applied.rota("jobs", "start", "shop_jobs:load", "-p", "currencies=[]").stdout.strip() for _ in range(3)]
    applied.rota("jobs", "cancel", *jobs)
    done = unread(applied, "jobs", "remove", *jobs)
    assert (done.returncode, done.stderr) == (0, "")
    assert applied.job_list() == []


def test_whatever_the_locale_the_letters_are_written(applied: Shop) -> None:
    applied.rota("jobs", "start", "shop_jobs:load", "--name", "Größe ✓", "-p", "currencies=[]")

    def listed(how: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "rota", "jobs", "list", "--format", how],
            cwd=applied.folder,
            env=environment(applied.database) | {"PYTHONIOENCODING": "latin-1"},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode("utf-8")

    assert "Größe ✓" in listed("table")
    assert json.loads(listed("json"))[0]["name"] == "Größe ✓"


@pytest.mark.parametrize("closed", [1, 2])
def test_a_closed_stream_is_no_failure(applied: Shop, closed: int) -> None:
    done = applied.rota("jobs", "list", before=lambda: os.close(closed))
    assert (done.stdout, done.stderr) == ("", "" if closed == 2 else "no background jobs\n")


@pytest.mark.parametrize("command", ["", "schedule", "scheduled", "jobs", "users", "users token", "import", "database"])
def test_every_command_is_listed_with_a_whole_sentence(shop: Shop, command: str) -> None:
    listed = shop.rota(*command.split(), "--help").stdout.partition("  -h, --help")[2]
    lines = [line for line in listed.splitlines()[1:] if line.startswith("  ")]
    assert lines
    for line in lines:
        assert line.endswith("."), line
        assert not line.endswith("..."), line
