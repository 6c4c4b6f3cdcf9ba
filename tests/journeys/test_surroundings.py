"""Bad surroundings: one clear line each, with the way out, the right exit code, and no traceback."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.command_line import rota
from tests.support.limits import little_room, obey_permissions
from tests.support.postgres import PostgresServer
from tests.support.shop import Shop


def line(shop: Shop, *arguments: str, code: int) -> str:
    """The one line that the command says on stderr; it says nothing on stdout."""
    done = shop.rota(*arguments, code=code)
    assert done.stdout == ""
    [only] = done.stderr.splitlines()
    return only


def test_there_is_no_configuration(shop: Shop) -> None:
    assert line(shop, "apply", code=2) == (
        "rota: there is no folder configurations/ here: name the configuration's file or folder"
    )
    assert line(shop, "plan", "shpo", code=1) == "shpo: does not exist"


def test_there_is_no_database(shop: Shop) -> None:
    for command in (("status",), ("jobs", "list")):
        assert "does not exist; `rota apply` or `rota run` creates it" in line(shop, *command, code=1)
    assert "did you mean" not in shop.rota("plan", "shop").stderr
    assert not (shop.folder / "rota.db").exists()


def test_nothing_is_applied(shop: Shop) -> None:
    shop.rota("database", "upgrade")
    assert "none: `rota apply CONFIG` applies one" in shop.rota("status").stdout
    assert line(shop, "jobs", "list", code=0) == "no background jobs"
    assert "no configuration has been applied" in line(shop, "jobs", "start", "shop_jobs:load", code=4)
    assert "no configuration is applied" in shop.rota("run", "--for", "0s").stderr


def test_wrong_words(applied: Shop) -> None:
    for arguments, code, words in [
        (("jobs", "show", "ratse"), 3, "no background job 'ratse'"),
        (("scheduled", "show", "ratse"), 3, "no scheduled job 'ratse'; did you mean 'rates'?"),
        (("jobs", "list", "--format", "xml"), 2, "--format xml: it is one of table, json"),
        (("jobs", "list", "--state", "done"), 2, "--state done: it is one of queued"),
        (("jobs", "list", "--nwest", "5"), 2, "--newest"),
        (("staus",), 2, "No such command 'staus'"),
        (("scheduled", "set", "rates", "usee=false"), 2, "'usee' cannot be overridden; these can: description"),
    ]:
        assert words in applied.rota(*arguments, code=code).stderr


def test_a_database_of_a_newer_version(applied: Shop) -> None:
    with closing(sqlite3.connect(applied.folder / "rota.db")) as connection, connection:
        connection.execute("UPDATE rota_schema_version SET version_num = '9999'")
    for command in (("status",), ("run",)):
        assert "is of version 9999, which is newer than this Rota" in line(applied, *command, code=1)


def test_a_file_that_is_no_database(shop: Shop) -> None:
    (shop.folder / "rota.db").write_text("A letter to my aunt.\n" * 100)
    for command in ("status", "run"):
        assert "the file is not an SQLite database" in line(shop, command, code=1)
    assert (shop.folder / "rota.db").read_text().startswith("A letter")


def test_a_damaged_database(applied: Shop) -> None:
    file = applied.folder / "rota.db"
    pages = bytearray(file.read_bytes())
    pages[4096:] = os.urandom(len(pages) - 4096)
    file.write_bytes(pages)
    assert "the file is damaged" in line(applied, "status", code=1)


def test_a_folder_that_is_missing(shop: Shop) -> None:
    shop.database = f"sqlite:///{shop.folder}/nowhere/rota.db"
    assert f"there is no folder {shop.folder}/nowhere" in line(shop, "run", code=1)
    assert "does not exist" in line(shop, "status", code=1)


def test_a_database_that_another_program_holds(applied: Shop) -> None:
    applied.jobs("  hello:\n    command: [echo, hello]\n")
    with closing(sqlite3.connect(applied.folder / "rota.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "another program holds the database locked" in line(applied, "scheduled", "disable", "rates", code=1)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "'nonsense' is not a database URL; for example sqlite:///rota.db"),
        ("mysql://host/db", "database 'mysql' is not supported; sqlite and postgresql are"),
    ],
)
def test_a_wrong_url(shop: Shop, url: str, words: str) -> None:
    assert words in line(shop, "status", "--database", url, code=2)


def test_settings_of_the_project(shop: Shop) -> None:
    project = shop.folder / "pyproject.toml"
    project.write_text("[tool.rota]\ndatbase = 'x'\n")
    assert "[tool.rota] has no setting 'datbase'; it has database, user" in line(shop, "status", code=2)


def test_postgresql_that_is_down(shop: Shop, postgres_server: PostgresServer, postgres_url: str) -> None:
    shop.database = postgres_url
    postgres_server.stop()
    for command in ("status", "run"):
        said = line(shop, command, code=1)
        assert said.startswith("rota: database postgresql+psycopg://")
        assert "Is the server running" in said


def test_a_full_disk(shop: Shop) -> None:
    place = shop.folder / "small"
    place.mkdir()
    shop.database = f"sqlite:///{place}/rota.db"
    with little_room(place) as before:
        done = shop.rota("apply", "shop", before=before, code=1)
    [only] = done.stderr.splitlines()
    assert "the disk is full" in only or "the disk reports an error" in only


def test_a_folder_that_may_not_be_written_to(applied: Shop) -> None:
    place = applied.folder / "guarded"
    place.mkdir()
    (applied.folder / "rota.db").rename(place / "rota.db")
    applied.database = f"sqlite:///{place}/rota.db"
    place.chmod(0o500)
    try:
        for command in (("run",), ("scheduled", "disable", "rates")):
            [only] = applied.rota(*command, before=obey_permissions, code=1).stderr.splitlines()
            assert only.startswith(f"rota: database sqlite:///{place}/rota.db: ")
            assert "read-only" in only or "cannot be opened" in only
    finally:
        place.chmod(0o700)


def test_a_database_that_may_not_be_read(applied: Shop) -> None:
    (applied.folder / "rota.db").chmod(0)
    [only] = applied.rota("status", before=obey_permissions, code=1).stderr.splitlines()
    assert "the file cannot be opened" in only


@pytest.mark.parametrize("arguments", [("jobs", "list", "--format", "json"), ("--version",), ("--help",)])
def test_output_that_does_not_fit(applied: Shop, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = rota(*arguments, database=applied.database, cwd=applied.folder, stdout=full)
    assert done.returncode == 1
    [only] = done.stderr.splitlines()
    assert only.startswith("rota: ")
    assert "No space left on device" in only
