"""Every bad configuration of the folder, with the words that its author reads.

A case is a file or folder, and beside it `<case>.expected` with all problems in order: severity, code, place, path,
message, and the hint on a line of its own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rota.configuration.load import load
from rota.model.problem import Problem

FOLDER = Path(__file__).parent / "bad_configurations"
CASES = sorted(path.name.removesuffix(".expected") for path in FOLDER.glob("*.expected"))


def rendered(problem: Problem) -> str:
    text = f"{problem.severity} {problem.code} {problem}\n"
    return f"{text}    hint: {problem.hint}\n" if problem.hint else text


def problems_of(case: str, monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """Loaded the way a user does: from the folder, by a relative path."""
    monkeypatch.chdir(FOLDER)
    path = Path(case) if (FOLDER / case).is_dir() else Path(f"{case}.yaml")
    return [problem for loaded in load([path]) for problem in loaded.problems]


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_named(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = (FOLDER / f"{case}.expected").read_text("utf-8")
    assert "".join(map(rendered, problems_of(case, monkeypatch))) == expected


@pytest.mark.parametrize("case", CASES)
def test_the_line_shown_is_the_line_named(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in problems_of(case, monkeypatch):
        if problem.line is None or problem.file is None or problem.source is None:
            assert problem.code.startswith("file.") or problem.code == "semantics.no-header"
        else:
            lines = Path(problem.file).read_bytes().decode("utf-8", "replace").split("\n")
            line = lines[problem.line - 1]
            assert problem.source == line or (len(line) > 200 and line.startswith(problem.source.removesuffix("…")))
            assert problem.column is not None
            assert 1 <= problem.column <= len(line) + 1


def test_every_case_has_its_words() -> None:
    cases = {path.name.removesuffix(".yaml") for path in FOLDER.iterdir() if path.suffix != ".expected"}
    assert cases - {"methods"} == set(CASES)
    assert len(CASES) >= 60
