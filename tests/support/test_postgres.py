"""The server and the fixtures that the other tests stand on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import sqlalchemy

from tests.support.postgres import PostgresServer, SharedDatabase, is_alive

ROOT = Path(__file__).parents[2]


def query(url: str, statement: str) -> object:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and is_alive(psutil.Process(pid))


def test_every_database_is_fresh(database_url: str) -> None:
    query(database_url, "CREATE TABLE thing (id integer)")
    assert query(database_url, "SELECT count(*) FROM thing") == 0


def test_it_is_a_current_postgresql_that_syncs(postgres_url: str) -> None:
    assert query(postgres_url, "SHOW fsync") == "on"
    assert int(str(query(postgres_url, "SHOW server_version_num"))) >= 180000


def test_databases_are_apart(postgres_server: PostgresServer) -> None:
    one, two = postgres_server.create_database(), postgres_server.create_database()
    query(postgres_server.url(one), "CREATE TABLE thing (id integer)")
    query(postgres_server.url(two), "CREATE TABLE thing (id integer)")


def test_a_shared_database_is_taken_from_whoever_had_it(postgres_server: PostgresServer) -> None:
    shared = SharedDatabase(postgres_server)
    before = shared.hand_over()
    query(before, "CREATE TABLE thing (id integer)")
    engine = sqlalchemy.create_engine(before)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text("SELECT count(*) FROM thing"))
        now = shared.hand_over()  # in spite of the open connection
        with pytest.raises(sqlalchemy.exc.OperationalError):
            connection.execute(sqlalchemy.text("SELECT count(*) FROM thing"))
    engine.dispose()
    with pytest.raises(sqlalchemy.exc.OperationalError, match="does not exist"):
        query(before, "SELECT 1")
    assert query(now, "SELECT count(*) FROM thing") == 0
    shared.clear()
    query(now, "CREATE TABLE thing (id integer)")


def test_a_stopped_server_takes_no_connections(postgres_server: PostgresServer, postgres_url: str) -> None:
    postgres_server.stop()
    with pytest.raises(sqlalchemy.exc.OperationalError):
        query(postgres_url, "SELECT 1")
    postgres_server.start()
    assert query(postgres_url, "SELECT 1") == 1


def test_what_was_committed_survives_a_kill(postgres_server: PostgresServer, postgres_url: str) -> None:
    query(postgres_url, "CREATE TABLE thing AS SELECT 7 AS id")
    before = postgres_server.pid
    postgres_server.kill()
    assert not alive(before)
    postgres_server.start()
    assert query(postgres_url, "SELECT id FROM thing") == 7


def test_the_server_is_up_again_after_a_test_that_killed_it(postgres_url: str) -> None:
    assert query(postgres_url, "SELECT 1") == 1


def seconds_to_start() -> float:
    begin = time.monotonic()
    server = PostgresServer()
    try:
        server.start()
        return time.monotonic() - begin
    finally:
        server.close()


def test_a_server_starts_within_five_seconds() -> None:
    # It takes less than one; three tries are for a machine that is busy with something else.
    assert any(seconds_to_start() < 5 for _ in range(3))


def test_a_server_that_was_killed_leaves_nothing() -> None:
    server = PostgresServer()
    try:
        server.start()
        pid = server.pid
        server.kill()
    finally:
        server.close()
    assert not alive(pid)
    assert not server.folder.exists()


def test_a_killed_session_leaves_nothing() -> None:
    script = (
        "from tests.support.postgres import PostgresServer\n"
        "server = PostgresServer()\n"
        "server.start()\n"
        "print(server.pid, server.folder, flush=True)\n"
        "input()\n"
    )
    session = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert session.stdout is not None
    pid, folder = session.stdout.readline().split()
    os.kill(session.pid, signal.SIGKILL)
    session.communicate(timeout=60)  # the watcher has the same output, which therefore ends when the watcher has ended
    assert not alive(int(pid))
    assert not Path(folder).exists()
