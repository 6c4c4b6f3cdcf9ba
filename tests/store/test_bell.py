"""The engine of an SQLite database hears at once what another process commits for it, and nothing waits for a bell."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from rota.store import Store, schema
from rota.store.bell import Bell, bell_of, ring
from rota.store.wakeups import Channel, Word, engine_wakeups_of, wake_dispatchers, wake_engines
from tests.support.beside import Side
from tests.support.store_process import Child
from tests.support.waiting import wait_for

PATIENCE = 30.0


@pytest.fixture
def kept(tmp_path: Path) -> Store:
    store = Store(f"sqlite:///{tmp_path}/rota.db")
    schema.upgrade(store)
    return store


def test_what_is_rung_is_heard_once(tmp_path: Path) -> None:
    database = tmp_path / "rota.db"
    bell = Bell(database)
    assert bell.hang()
    ring(database, [""])
    ring(database, ["thread", "process"])
    assert bell.hear(PATIENCE) == {"", "thread", "process"}
    assert bell.hear(0) == set()
    bell.take_down()
    assert not bell_of(database).exists()


def test_nobody_waits_where_nobody_listens(tmp_path: Path) -> None:
    database = tmp_path / "rota.db"
    ring(database, ["thread"])
    assert not bell_of(database).exists(), "who rings leaves nothing behind"
    os.mkfifo(bell_of(database))  # an engine that was killed left it behind
    ring(database, ["thread"])
    bell = Bell(database)
    assert bell.hang()
    assert bell.hear(0) == set(), "nobody heard it, and nobody was kept waiting"
    bell.take_down()


def test_a_full_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    database = tmp_path / "rota.db"
    bell = Bell(database)
    assert bell.hang()
    for _ in range(20):
        ring(database, ["thread"] * 500)
    assert bell.hear(0)
    bell.take_down()


def test_a_file_of_that_name_is_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "rota.db"
    bell_of(database).write_text("mine")
    ring(database, ["thread"])
    assert not Bell(database).hang()
    assert bell_of(database).read_text() == "mine"


def test_a_commit_for_the_engine_rings_and_one_that_is_rolled_back_does_not(kept: Store) -> None:
    assert kept.file
    bell = Bell(kept.file)
    assert bell.hang()
    assert stat.S_ISFIFO(bell_of(kept.file).stat().st_mode)
    with pytest.raises(KeyError):
        wake_and_fail(kept)
    with kept.write() as tx:
        assert tx.in_transaction()
    assert bell.hear(0) == set()
    with kept.write() as tx:
        wake_engines(tx)
        wake_dispatchers(tx, ["thread", "thread", "process"])
        assert bell.hear(0) == set(), "not before the commit"
    assert bell.hear(PATIENCE) == {"", "thread", "process"}, "everything that was said"
    bell.take_down()
    kept.close()


def wake_and_fail(store: Store) -> None:
    with store.write() as tx:
        wake_engines(tx)
        raise KeyError


def test_the_engine_hears_what_another_process_starts(kept: Store) -> None:
    wakeups = engine_wakeups_of(kept)
    while wakeups.wait():
        pass
    with Child("commit", str(kept._url)) as child:
        child.wait_ready()
        waiting = Side(lambda: wait_for(wakeups.wait))
        child.go()
        assert child.answer() is True
        assert waiting.result()
    wakeups.close()
    assert kept.file
    assert not bell_of(kept.file).exists()
    kept.close()


def test_without_a_bell_the_engine_looks_for_itself(kept: Store) -> None:
    assert kept.file
    bell_of(kept.file).write_text("mine")
    wakeups = engine_wakeups_of(kept)
    assert list(wakeups.wait()) == [Word(Channel.CHANGES)]
    while wakeups.wait():
        pass
    with Child("commit", str(kept._url)) as child:
        child.wait_ready()
        child.go()
        assert child.answer() is True
    assert list(wait_for(wakeups.wait)) == [Word(Channel.CHANGES)]
    wakeups.close()
    kept.close()
