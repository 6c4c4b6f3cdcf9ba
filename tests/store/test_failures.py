"""Databases that really fail: each says one clear line, in the family that says whether a retry may help."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, text

from rota.model.errors import DatabaseUnavailable, DatabaseUnusable, RotaError
from rota.store import Store, background_jobs, new_jobs, schema
from rota.testing import make_store
from tests.support.beside import Side
from tests.support.postgres import PostgresServer
from tests.support.store_process import Child, together
from tests.support.stored import insert, new_job, start
from tests.support.waiting import wait_for


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A real database with a few hundred jobs, and nobody connected."""
    path = tmp_path / "rota.db"
    store = Store(f"sqlite:///{path}")
    schema.upgrade(store)
    insert(store, *(new_job(parameters=["x" * 500]) for _ in range(300)))
    store.close()
    return path


def count(store: Store) -> int:
    with store.read() as tx:
        return sum(background_jobs.count_by_state(tx).values())


def failure(store: Store, kind: type[RotaError]) -> str:
    """What is said when reading and when writing: the same, in one line that names the database."""
    said = set()
    for work in (lambda: count(store), lambda: insert(store, new_job()), lambda: start(store, new_job())):
        with pytest.raises(kind) as raised:
            work()
        said.add(str(raised.value))
    store.close()
    (line,) = said
    assert line.startswith(f"database {store.url}: ")
    assert "\n" not in line
    return line


# SQLite


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "rota.db"
    path.write_text("Dear diary, today " * 500)
    said = failure(Store(f"sqlite:///{path}"), DatabaseUnusable)
    assert "the file is not an SQLite database" in said
    assert path.read_text().startswith("Dear diary"), "nothing was written over it"


def test_a_damaged_file(file: Path) -> None:
    with file.open("r+b") as database:
        database.seek(4096)
        database.write(b"\xa5" * (file.stat().st_size - 4096))
    assert "the file is damaged" in failure(Store(f"sqlite:///{file}"), DatabaseUnusable)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    assert "the file cannot be opened" in failure(Store(f"sqlite:///{tmp_path}"), DatabaseUnavailable)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    assert "the file cannot be opened" in failure(Store(f"sqlite:///{tmp_path}/no/rota.db"), DatabaseUnavailable)


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="rota-test-", dir="/tmp") as name:
        yield Path(name)


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_read_only_for_an_ordinary_user(shared_folder: Path, what: str) -> None:
    path = shared_folder / "rota.db"
    store = Store(f"sqlite:///{path}")
    schema.upgrade(store)
    shared_folder.chmod(0o777 if what == "file" else 0o555)
    path.chmod(0o444)
    with Child("ordinary", store.url) as child:
        store.close()
        (answers,) = together([child])
    shared_folder.chmod(0o755)
    assert answers[-1].startswith(f"DatabaseUnusable: database {store.url}: the file or its folder is read-only")


def test_a_file_that_another_program_holds_locked(file: Path) -> None:
    store = Store(f"sqlite:///{file}?timeout=0.05")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailable, match="another program holds the database locked"):
            insert(store, new_job())
        assert count(store) == 300, "readers see what was committed"
        other.execute("ROLLBACK")
    insert(store, new_job())
    assert count(store) == 301
    store.close()


def test_a_writer_waits_for_another_program_to_finish(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        side = Side(lambda: len(insert(store, new_job())))
        assert count(store) == 300
        assert side.running
        other.execute("COMMIT")
    assert side.result() == 1
    store.close()


def test_a_disk_that_is_full(file: Path) -> None:
    """SQLite itself says that there is no room for another page."""
    store = Store(f"sqlite:///{file}")

    @event.listens_for(store._engine, "connect")
    def no_room(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")  # what it has already

    for bring_in in (insert, start):
        with pytest.raises(DatabaseUnavailable, match="the disk is full"):
            bring_in(store, *(new_job(parameters=["x" * 1000]) for _ in range(500)))
    assert count(store) == 300, "all or nothing"
    store.close()
    again = Store(f"sqlite:///{file}")
    insert(again, new_job())
    assert count(again) == 301
    again.close()


def test_a_disk_that_takes_no_more_bytes(file: Path) -> None:
    store = Store(f"sqlite:///{file}")
    with Child("fill", store.url, str(2 * file.stat().st_size)) as child:
        (answer,) = together([child])
    assert answer.startswith(f"DatabaseUnavailable: database {store.url}: ")
    assert "the disk reports an error" in answer or "the disk is full" in answer
    assert count(store) % 100 == 0, "whole transactions only"
    with store.read() as tx:
        assert tx.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    insert(store, new_job())
    store.close()


# PostgreSQL


@pytest.fixture
def kept(postgres_url: str) -> Iterator[Store]:
    store = make_store(postgres_url)
    yield store
    store.close()


def fill_pool(store: Store) -> None:
    """Leave several open connections in the pool."""
    with store.read() as one, store.read() as two, store.write() as three:
        for tx in (one, two, three):
            tx.execute(text("SELECT 1"))


def test_a_server_that_is_killed_under_an_open_pool(kept: Store, postgres_server: PostgresServer) -> None:
    insert(kept, new_job())
    fill_pool(kept)
    postgres_server.kill()
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable) as raised:
            count(kept)
        assert "\n" not in str(raised.value)
    postgres_server.start()
    assert count(kept) == 1, "what was committed is there, and nobody had to be told"
    insert(kept, new_job())
    assert count(kept) == 2


def test_a_restart_that_nobody_noticed_costs_one_call_at_most(kept: Store, postgres_server: PostgresServer) -> None:
    insert(kept, new_job())
    for call in (lambda: count(kept), lambda: start(kept, new_job())):
        fill_pool(kept)
        postgres_server.restart()
        with pytest.raises(DatabaseUnavailable):
            call()
        assert [count(kept) for _ in range(5)] == [1] * 5


def test_a_transaction_that_the_server_did_not_survive_never_was(kept: Store, postgres_server: PostgresServer) -> None:
    with pytest.raises(DatabaseUnavailable):
        insert_and_kill(kept, postgres_server)
    postgres_server.start()
    assert wait_for(lambda: count(kept) == 0)


def insert_and_kill(store: Store, server: PostgresServer) -> None:
    with store.write() as tx:
        job = new_job()
        new_jobs.insert_jobs(tx, [job], {job.id: "process"})
        server.kill()


def test_a_deadlock_is_worth_another_try(kept: Store) -> None:
    insert(kept, one := new_job(), two := new_job())
    statement = text("UPDATE rota_background_job SET reason = 'x' WHERE id = :id")

    def other_way_round() -> None:
        with kept.write() as tx:
            tx.execute(statement, {"id": two.id})
            second_has_one.append(True)
            tx.execute(statement, {"id": one.id})

    second_has_one: list[bool] = []
    sides: list[Side[None]] = []

    def this_way() -> None:
        with kept.write() as tx:
            tx.execute(statement, {"id": one.id})
            sides.append(Side(other_way_round))
            wait_for(lambda: second_has_one)
            tx.execute(statement, {"id": two.id})

    def that_way() -> None:
        sides[0].result()

    said = []
    for work in (this_way, that_way):
        try:
            work()
        except DatabaseUnavailable as error:
            said.append(str(error))
    (line,) = said
    assert "deadlock detected" in line
    assert "\n" not in line


def test_no_free_connection_is_worth_another_try(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept._engine.pool, "_timeout", 0.05)
    monkeypatch.setattr(kept._engine.pool, "_max_overflow", 0)
    with pytest.raises(DatabaseUnavailable, match="no connection became free in time"):
        nest(kept, 11)


def nest(store: Store, depth: int) -> None:
    with store.read() as tx:
        tx.execute(text("SELECT 1"))
        if depth:
            nest(store, depth - 1)


def test_a_server_that_is_not_there() -> None:
    store = Store("postgresql://ann:secret@127.0.0.1:1/db")
    with pytest.raises(
        DatabaseUnavailable, match=r"database postgresql\+psycopg://ann:\*\*\*@127\.0\.0\.1:1/db: "
    ) as raised:
        count(store)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_tables_that_are_not_there_are_no_reason_to_try_again(postgres_url: str) -> None:
    store = Store(postgres_url)
    with pytest.raises(DatabaseUnusable, match="does not exist"):
        count(store)
    store.close()
