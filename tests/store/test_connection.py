"""URLs, transactions and what SQLite is told at the beginning."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from rota.model.errors import DatabaseUnavailable, UsageError
from rota.store import Store, background_jobs, schema
from rota.store.connection import NEVER
from tests.support.node import ON_POSTGRESQL
from tests.support.stored import insert, new_job


def count(store: Store) -> int:
    with store.read() as tx:
        return int(tx.execute(text("SELECT count(*) FROM rota_background_job")).scalar() or 0)


def test_the_file_is_the_one_behind_every_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    store = Store("sqlite:///link/rota.db")
    assert store.file == (tmp_path / "real" / "rota.db").resolve()
    assert not store.exists()
    (tmp_path / "real" / "rota.db").touch()
    assert store.exists()
    assert Store("postgresql://h/d").exists(), "who knows"


def test_nothing_is_opened_before_the_first_transaction(tmp_path: Path) -> None:
    Store(f"sqlite:///{tmp_path}/rota.db")
    Store("postgresql://nobody@nowhere.invalid/d")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 -- names are what is asked for


def test_a_write_is_committed_whole_or_not_at_all(store: Store) -> None:
    insert(store, new_job())
    with pytest.raises(KeyError):
        write_and_fail(store)
    assert count(store) == 1
    insert(store, new_job())
    assert count(store) == 2


def write_and_fail(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("DELETE FROM rota_background_job"))
        raise KeyError


def test_sqlite_is_told_to_be_safe(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/rota.db")
    with store.read() as tx:
        asked = {
            name: tx.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    store.close()


def test_a_raw_connection_is_ones_own(store: Store) -> None:
    raw = store.raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)
    store.close()
    cursor.execute("SELECT 2")
    assert cursor.fetchone() == (2,)
    raw.close()


@ON_POSTGRESQL
def test_connections_apart_are_used_by_nobody_else(store: Store) -> None:
    backend = text("SELECT pg_backend_pid()")
    apart = store.apart()
    try:
        used = set()
        for _ in range(3):
            with store.glance() as tx, apart.glance() as own:
                used.add(own.execute(backend).scalar())
                assert tx.execute(backend).scalar() not in used
        assert len(used) == 1
    finally:
        apart.close()


def test_writers_by_connections_apart_wait_for_each_other(store: Store) -> None:
    apart = store.apart()
    try:
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(lambda number: insert((store, apart)[number % 2], new_job()), range(40)))
        assert count(store) == 40
    finally:
        apart.close()


def test_what_a_server_commits_by_itself_leaves_later_transactions_whole(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("CREATE TABLE trial (word text)"))
    with store.write_by_driver() as tx:
        tx.execute(text("INSERT INTO trial VALUES (:word)"), {"word": "by the driver"})
    with pytest.raises(KeyError):
        insert_and_fail(store)
    with store.glance() as tx:
        assert tx.execute(text("SELECT word FROM trial")).scalars().all() == ["by the driver"]
    with store.write() as tx:
        tx.execute(text("DROP TABLE trial"))


def insert_and_fail(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("INSERT INTO trial VALUES ('never')"))
        raise KeyError


@ON_POSTGRESQL
def test_a_read_leaves_the_statements_prepared(store: Store) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements")
    for _ in range(20):
        with store.read() as tx:
            count = tx.execute(prepared).scalar()
    assert count == 1


def idle_limit(store: Store) -> str:
    with store.read() as tx:
        return str(tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar())


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_postgresql_is_told_how_long_a_transaction_may_be_idle(store: Store) -> None:
    assert idle_limit(store) == "1min"
    store.end_transactions_when_idle(2.5)
    assert idle_limit(store) == "2500ms"
    unlimited = Store(store.full_url, idle_seconds=NEVER)
    assert idle_limit(unlimited) == "0"
    unlimited.close()


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_postgresql_ends_an_idle_transaction_and_nobody_waits_for_it_any_longer(store: Store) -> None:
    (job,) = insert(store, new_job())
    touch = text("UPDATE rota_background_job SET reason = :by")
    frozen = Store(store.full_url, idle_seconds=0.2)

    def freeze_in_a_transaction() -> None:
        with frozen.write() as tx:
            tx.execute(touch, {"by": "the frozen one"})
            with store.write() as other:
                other.execute(touch, {"by": "who waited for it"})

    with pytest.raises(DatabaseUnavailable):
        freeze_in_a_transaction()
    with store.read() as tx:
        assert background_jobs.get(tx, job).reason == "who waited for it"
    frozen.close()


def test_what_async_with_needs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosqlite", None)
    with pytest.raises(
        UsageError, match=r"`async with` needs more to be installed \(.*aiosqlite.*\); install rota\[async\]"
    ):
        _ = Store(f"sqlite:///{tmp_path}/rota.db").asynchronous_engine


def test_a_file_that_was_replaced_is_let_go(tmp_path: Path) -> None:
    """A deleted file that is still open takes everything and keeps nothing."""
    store, other = (Store(f"sqlite:///{tmp_path}/rota.db") for _ in range(2))
    schema.upgrade(store)
    for file in tmp_path.glob("rota.db*"):
        file.unlink()
    for act in (store.write, store.read):
        with pytest.raises(DatabaseUnavailable, match="its file is gone"), act():
            raise AssertionError
    assert not list(tmp_path.glob("rota.db"))
    schema.upgrade(other)
    insert(store, new_job())
    with other.read() as tx:
        assert len(background_jobs.select_jobs(tx, background_jobs.Filter())) == 1
    store.close()
    other.close()
