"""Files that options name: written whole, in the place of what is there, and with its rights; read if they end."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from rota.app.files import read_file, replace_file
from rota.model.errors import UsageError


def test_a_new_file_has_the_rights_that_any_has(tmp_path: Path) -> None:
    (tmp_path / "any").touch()
    replace_file("--out", tmp_path / "new", b"new")
    assert (tmp_path / "new").read_bytes() == b"new"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_what_is_there_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_bytes(b"old")
    file.chmod(0o640)
    link.symlink_to(file)
    replace_file("--out", link, b"new")
    assert link.is_symlink()
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o640)
    assert sorted(tmp_path.iterdir()) == [file, link]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    """A device is, too: what takes the place of /dev/null is in everybody's way."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    heard: list[bytes] = []
    reader = threading.Thread(target=lambda: heard.append(pipe.read_bytes()))
    reader.start()
    replace_file("--out", pipe, b"new")
    reader.join()
    assert (heard, pipe.is_fifo()) == ([b"new"], True)


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match=r"--out .*folder: cannot be written: Is a directory"):
        replace_file("--out", tmp_path / "folder", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path) -> None:
    """Nobody writes to the pipe: whoever opened it would wait for ever."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for name in ("pipe", "link", "."):
        with pytest.raises(UsageError, match=r"^--plan .*: is not a file$"):
            read_file("--plan", tmp_path / name, most=3)
    with pytest.raises(UsageError, match=r"^--plan /dev/zero: is not a file$"):
        read_file("--plan", Path("/dev/zero"), most=3)
    file = tmp_path / "file"
    file.write_bytes(b"old")
    assert read_file("--plan", file, most=3) == b"old"
    os.truncate(file, 10 * 1024**3)
    with pytest.raises(UsageError, match=r"^--plan .*file: is larger than 2 MiB$"):
        read_file("--plan", file, most=2 * 1024**2)


def test_a_link_that_leads_to_itself_is_neither_read_nor_written(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match=r"^--plan .*: cannot be read: Too many levels"):
        read_file("--plan", tmp_path / "loop", most=3)
    with pytest.raises(UsageError, match=r"^--out .*: cannot be written: Too many levels"):
        replace_file("--out", tmp_path / "loop", b"new")
