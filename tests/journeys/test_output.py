"""What goes where: data to stdout, everything else to stderr, colours to terminals only."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.command_line import environment
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
    where = {"database": applied.database, "cwd": applied.folder}
    coloured = on_terminal("plan", "shop", "--no-code", **where)
    assert "\x1b[32m  + definition hello\x1b[0m\n" in coloured
    assert "\x1b[31m  - definition rates\x1b[0m\n" in coloured
    assert "\x1b[" not in on_terminal("plan", "shop", "--no-code", **where, colour=False)
    assert "\x1b[" not in applied.rota("plan", "shop", "--no-code").stdout


def test_a_table_that_a_terminal_is_too_narrow_for_loses_no_word(applied: Shop) -> None:
    where = {"database": applied.database, "cwd": applied.folder, "colour": False}

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
