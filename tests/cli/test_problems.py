"""Problems look like a compiler's."""

from __future__ import annotations

import pytest

from rota.cli import problems
from rota.model.problem import Problem


def shown(capsys: pytest.CaptureFixture[str], problem: Problem) -> str:
    problems.show([problem])
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_the_place_the_line_a_caret_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(
        message="unknown key",
        code="schema.unknown-key",
        file="a.yaml",
        line=3,
        column=3,
        path="jobs.x.usee",
        hint="did you mean use?",
        source="  usee: true",
        caret=3,
    )
    assert shown(capsys, problem) == (
        "a.yaml:3:3: jobs.x.usee: unknown key\n      usee: true\n      ^\n    hint: did you mean use?\n"
    )


def test_the_caret_stands_right_below_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="no", code="x", file="a.yaml", line=1, column=4, source="\ta\tb", caret=4)
    assert shown(capsys, problem) == "a.yaml:1:4: no\n    \ta\tb\n    \t \t^\n"


def test_a_warning_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="odd", code="x", file="a.yaml", severity="warning")
    assert shown(capsys, problem) == "a.yaml: warning: odd\n"


def test_a_problem_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Problem(message="odd", code="x")) == "odd\n"


def test_no_caret_below_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "^" not in shown(capsys, Problem(message="no", code="x", file="a", line=1, column=1, source="   ", caret=1))


def test_the_caret_stands_right_below_wide_characters(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="no", code="x", file="a", line=1, column=4, source="日e\u0301x", caret=4)
    assert shown(capsys, problem) == "a:1:4: no\n    日e\u0301x\n       ^\n"


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "\x1b]0;title\x07"
    problem = Problem(
        message=f"no {evil}\u202e", code="x", file=f"{evil}.yaml", path=evil, hint=evil, source=f"{evil}x", caret=11
    )
    text = shown(capsys, problem)
    assert not set("\x1b\x07\u202e") & set(text)
    assert "no \\x1b]0;title\\x07\\u202e" in text
    source, caret = text.splitlines()[1:3]
    assert source.index("x", source.index("07") + 2) == caret.index("^")


def test_a_path_is_cut_where_nobody_reads_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(shown(capsys, Problem(message="no", code="x", file="a", path="x" * 100_000))) < 400
