"""Files as text: encodings, sizes, and everything that is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rota.configuration.source import MAX_BYTES, Source, read
from rota.model.problem import Problem


def problem_of(path: Path) -> Problem:
    result = read(path)
    assert isinstance(result, Problem)
    return result


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"a: 1\n", "a: 1\n"),
        (b"\xef\xbb\xbfa: 1\n", "a: 1\n"),
        (b"a: 1\r\nb: 2\rc: 3\n", "a: 1\nb: 2\nc: 3\n"),
        ("a: ä😀\n".encode(), "a: ä😀\n"),
    ],
)
def test_text(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    assert read(path) == Source(path, text)


@pytest.mark.parametrize(
    ("content", "line", "column", "words"),
    [
        (b"a: 1\r\nb: \xc3\xa4\xff", 2, 5, "is not text in UTF-8: byte 0xff"),
        (b"a: \xc3", 1, 4, "byte 0xc3 (unexpected end of data)"),
        (b"\x7fELF\x02\x01\x01\x00\x00", 1, 8, "holds a NUL character"),
        ("a: 1".encode("utf-16-le"), 1, 2, "holds a NUL character"),
        ("a: 1".encode("utf-16"), 1, 1, "is in UTF-16"),
        ("\ufeffa: 1\nä: ".encode() + b"\xff", 2, 4, "byte 0xff"),
    ],
)
def test_what_is_not_text_in_utf8(tmp_path: Path, content: bytes, line: int, column: int, words: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    problem = problem_of(path)
    assert words in problem.message
    assert (problem.line, problem.column, problem.code) == (line, column, "file.encoding")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    problem = problem_of(tmp_path / "gone.yaml")
    assert (problem.code, problem.message) == ("file.missing", "does not exist")


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.symlink_to(path)
    assert problem_of(path).code == "file.unreadable"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    os.mkfifo(path)
    assert problem_of(path).message == "is a pipe or device, not a file"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    problem = problem_of(path)
    assert problem.code == "file.too-large"
    assert problem.message == "is 32 MiB large; a file may have at most 32 MiB"


def test_a_name_that_is_not_text_can_be_shown(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml"))
    problem = problem_of(path)
    assert (problem.file or "").endswith("/\\xff.yaml")


def test_positions_and_lines() -> None:
    source = Source(Path("a.yaml"), "one\n\nthree\nlast")
    assert [source.position(index) for index in (0, 2, 3, 4, 5, 10, 14, 15)] == [
        *((1, 1), (1, 3), (1, 4), (2, 1), (3, 1), (3, 6), (4, 4), (4, 5)),
    ]
    problems = [source.problem(index, "x", "no") for index in (0, 3, 4, 7, 14, 15)]
    assert [problem.source for problem in problems] == ["one", "one", "", "three", "last", "last"]
    assert all(problem.caret == problem.column for problem in problems)


def test_a_message_stays_readable_whatever_the_file_holds() -> None:
    problem = Source(Path("a.yaml"), "x").problem(0, "x", "y" * 10_000, hint="z" * 10_000)
    assert (len(problem.message), len(str(problem.hint))) == (500, 500)


def test_of_a_very_long_line_the_part_around_the_place_is_shown() -> None:
    numbers = "".join(f"{number:04d}" for number in range(1000))
    source = Source(Path("a.yaml"), f"one\n{numbers}\nlast")
    begin, middle, end = (source.problem(4 + index, "x", "no") for index in (8, 2000, 3996))
    assert (begin.column, begin.caret, middle.column, end.column) == (9, 9, 2001, 3997)
    for problem, number in ((begin, "0002"), (middle, "0500"), (end, "0999")):
        assert problem.source is not None
        assert problem.caret is not None
        assert problem.source[problem.caret - 1 :].startswith(number)
        assert len(problem.source) <= 152
    assert str(middle.source).startswith("…")
    assert str(middle.source).endswith("…")
