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
    )
    assert shown(capsys, problem) == (
        "a.yaml:3:3: jobs.x.usee: unknown key\n      usee: true\n      ^\n    hint: did you mean use?\n"
    )


def test_the_caret_stands_right_below_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="no", code="x", file="a.yaml", line=1, column=4, source="\ta\tb")
    assert shown(capsys, problem) == "a.yaml:1:4: no\n    \ta\tb\n    \t \t^\n"


def test_a_warning_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    problem = Problem(message="odd", code="x", file="a.yaml", severity="warning")
    assert shown(capsys, problem) == "a.yaml: warning: odd\n"


def test_a_problem_without_a_place(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Problem(message="odd", code="x")) == "odd\n"


def test_no_caret_below_an_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "^" not in shown(capsys, Problem(message="no", code="x", file="a", line=1, column=1, source="   "))


def test_the_json_form_has_every_field() -> None:
    data = problems.to_data(Problem(message="odd", code="x", source="kept out"))
    assert data == {
        "file": None,
        "line": None,
        "column": None,
        "path": "",
        "message": "odd",
        "hint": None,
        "severity": "error",
        "code": "x",
        "expected": None,
    }
