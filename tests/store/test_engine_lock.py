"""One engine per SQLite database: the lock is held by a living process and by nobody else."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from rota.model.errors import DatabaseUnusable, EngineAlreadyActive
from rota.store.engine_lock import EngineLock
from tests.support.store_process import Child, together

FACTS = {"process": 4711, "host": "here", "since": "noon"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "rota.db"


def test_of_ten_processes_one_gets_it(database: Path) -> None:
    with ExitStack() as stack:
        answers = together([stack.enter_context(Child("lock", str(database))) for _ in range(10)])
        assert EngineLock(database).is_held()
    assert len(answers) == 10
    assert answers.count("taken") == 1
    assert all("an engine runs on this database already" in answer for answer in answers if answer != "taken")
    assert not EngineLock(database).is_held()


def test_a_kill_frees_it(database: Path) -> None:
    with Child("lock", str(database)) as child:
        assert together([child]) == ["taken"]
        lock = EngineLock(database)
        with pytest.raises(EngineAlreadyActive):
            lock.take(FACTS)
        child.kill()
        lock.take(FACTS)
        assert lock.holder() == FACTS
        lock.release()


def test_who_is_refused_learns_who_holds_it(database: Path) -> None:
    lock = EngineLock(database)
    lock.take(FACTS)
    with pytest.raises(EngineAlreadyActive, match="process 4711 on here, since noon"):
        EngineLock(database).take({})
    lock.release()
    lock.release()
    EngineLock(database).take({})


def test_to_ask_whether_it_is_held_does_not_disturb_who_takes_it(database: Path) -> None:
    lock = EngineLock(database)
    assert not lock.is_held()
    assert not database.with_name("rota.db.lock").exists(), "a question leaves nothing behind"
    lock.take({})
    assert lock.is_held()
    assert lock.is_held()
    lock.release()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            EngineLock(database).is_held()
            over.wait(0.001)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    try:
        for _ in range(50):
            lock.take(FACTS)
            lock.release()
    finally:
        over.set()
        for thread in asking:
            thread.join()


@pytest.mark.parametrize("note", ["", "nonsense", "[1]", '{"other": 1}', "\x00\xff"])
def test_a_note_that_cannot_be_read_does_not_matter(database: Path, note: str) -> None:
    holder = EngineLock(database)
    holder.take({})
    database.with_name("rota.db.lock").write_bytes(note.encode("latin-1"))
    with pytest.raises(EngineAlreadyActive, match="already: another process"):
        EngineLock(database).take({})
    holder.release()


def test_a_lock_that_cannot_be_opened_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"cannot open the engine's lock .*: No such file or directory"):
        EngineLock(tmp_path / "nowhere" / "rota.db").take({})
    assert not EngineLock(tmp_path / "nowhere" / "rota.db").is_held()
