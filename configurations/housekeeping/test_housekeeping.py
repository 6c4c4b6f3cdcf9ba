"""The housekeeping methods, tested as what they are: functions."""

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from housekeeping_jobs import backup, disk, files, rehearsal, rotation, tree

from rota import PermanentFailure


def make_database(path: Path, rows: int) -> Path:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE thing (id INTEGER)")
        database.executemany("INSERT INTO thing VALUES (?)", [(row,) for row in range(rows)])
    return path


def count_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM thing").fetchone()[0])


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_backup_holds_what_was_committed_while_others_write(tmp_path: Path) -> None:
    source = make_database(tmp_path / "shop.db", rows=500)
    with closing(sqlite3.connect(source)) as writer:
        writer.execute("INSERT INTO thing VALUES (500)")  # not committed
        copy = Path(backup.back_up(str(source), str(tmp_path / "backups")))
    assert count_rows(copy) == 500
    assert names(copy.parent) == [copy.name]


def test_a_missing_database_is_not_worth_a_restart(tmp_path: Path) -> None:
    with pytest.raises(PermanentFailure, match="there is no database"):
        backup.back_up(str(tmp_path / "nothing.db"), str(tmp_path))


def test_a_damaged_database_leaves_no_backup(tmp_path: Path) -> None:
    source = make_database(tmp_path / "shop.db", rows=5000)
    content = bytearray(source.read_bytes())
    content[4096 * 3 : 4096 * 4] = b"\xff" * 4096
    source.write_bytes(content)
    with pytest.raises(sqlite3.DatabaseError):
        backup.back_up(str(source), str(tmp_path / "backups"))
    assert names(tmp_path / "backups") == []


def test_rotation_compresses_and_deletes_by_age(tmp_path: Path) -> None:
    for day in range(1, 7):
        (tmp_path / f"shop-2030010{day}T010000Z.db").write_bytes(bytes([day]) * 1000)
    done = rotation.rotate(str(tmp_path), keep=4, plain=2)
    assert done == {
        "compressed": ["shop-20300104T010000Z.db.gz", "shop-20300103T010000Z.db.gz"],
        "deleted": ["shop-20300102T010000Z.db", "shop-20300101T010000Z.db"],
    }
    assert gzip.decompress((tmp_path / "shop-20300103T010000Z.db.gz").read_bytes()) == b"\x03" * 1000
    assert len(names(tmp_path)) == 4
    assert rotation.rotate(str(tmp_path), keep=4, plain=2) == {"compressed": [], "deleted": []}


def test_rotation_looks_at_each_database_by_itself_and_at_nothing_else(tmp_path: Path) -> None:
    for name in ("old-20300101T010000Z.db", "new-20300105T010000Z.db", "new-20300106T010000Z.db", "precious-data.db"):
        (tmp_path / name).write_bytes(b"content")
    assert rotation.rotate(str(tmp_path), keep=1, plain=1)["deleted"] == ["new-20300105T010000Z.db"]
    assert names(tmp_path) == ["new-20300106T010000Z.db", "old-20300101T010000Z.db", "precious-data.db"]


def test_rotation_never_deletes_the_last_backup(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        rotation.rotate(str(tmp_path), keep=0)


def test_rotation_of_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    assert rotation.rotate(str(tmp_path / "none")) == {"compressed": [], "deleted": []}


def test_the_disk_is_measured_and_the_measurement_kept(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    used = disk.watch(str(tmp_path), str(folder), threshold=1.0)
    assert 0 <= used <= 1
    with pytest.raises(disk.DiskNearlyFull, match=r"the threshold is -100\.0%"):
        disk.watch(str(tmp_path), str(folder), threshold=-1.0)
    with closing(sqlite3.connect(folder / "measurements.db")) as database:
        assert database.execute("SELECT count(*) FROM measurement").fetchone() == (2,)


def test_changes_of_a_tree_are_reported_once(tmp_path: Path) -> None:
    root, state = tmp_path / "tree", tmp_path / "var" / "tree.json"
    (root / "deep").mkdir(parents=True)
    (root / "kept").write_text("kept")
    (root / "gone").write_text("gone")
    (root / "deep" / "edited").write_text("before")
    first = list(tree.report_changes(str(root), str(state)))
    assert [change["change"] for change in first] == ["added"] * 3

    (root / "gone").unlink()
    (root / "deep" / "edited").write_text("after")
    (root / "new").write_text("new")
    assert list(tree.report_changes(str(root), str(state))) == [
        {"file": "deep/edited", "change": "changed"},
        {"file": "gone", "change": "removed"},
        {"file": "new", "change": "added"},
    ]
    assert list(tree.report_changes(str(root), str(state))) == []


def test_a_report_that_broke_off_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").write_text("text")
    state = tmp_path / "tree.json"
    broken_off = tree.report_changes(str(tmp_path / "tree"), str(state))
    next(broken_off)
    broken_off.close()
    assert not state.exists()
    assert len(list(tree.report_changes(str(tmp_path / "tree"), str(state)))) == 1
    assert json.loads(state.read_text()).keys() == {"file"}


def test_a_tree_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        list(tree.report_changes(str(tmp_path / "none"), str(tmp_path / "state")))


def test_the_rehearsal_fails_twice_then_answers_and_begins_anew(tmp_path: Path) -> None:
    def ask() -> str:
        try:
            return rehearsal.ask(str(tmp_path), failures=2)
        except ConnectionError:
            return "failed"

    assert [ask() for _ in range(6)] == ["failed", "failed", "answered"] * 2


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text("old")

    def fail() -> None:
        with files.replacing(path) as draft:
            draft.write_text("half")
            raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        fail()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["state"]
