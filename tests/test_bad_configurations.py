"""Every bad configuration of the folder, with the words that its author reads.

A case is a file or folder, and beside it `<case>.expected` with all problems in order: severity, code, place, path,
message, and the hint on a line of its own. A case with overlays is read for the environment `prod`, or, as its name may
say, for each one. `python -m tests.test_bad_configurations CASE...` writes and prints what is found, to be read with
care: it is the new expectation.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rota.configuration.load import Loader, all_problems, load
from rota.configuration.variables import Variables
from rota.model.problem import Problem

FOLDER = Path(__file__).parent / "bad_configurations"
CASES = sorted(path.name.removesuffix(".expected") for path in FOLDER.glob("*.expected"))


def rendered(problem: Problem) -> str:
    text = f"{problem.severity} {problem.code} {problem}\n"
    return f"{text}    hint: {problem.hint}\n" if problem.hint else text


def problems_of(case: str, monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    """Loaded the way a user does: from the folder, by a relative path."""
    monkeypatch.chdir(FOLDER)
    return problems_here(case)


def problems_here(case: str) -> list[Problem]:
    path = Path(case) if Path(case).is_dir() else Path(f"{case}.yaml")
    if case.startswith("each_"):
        loaded = Loader().load([path], variables=Variables({}), each_environment=True)
    else:
        environment = "prod" if any(path.rglob("environments")) else None
        loaded = load([path], environment=environment, variables=Variables({}))
    return all_problems(loaded)


@pytest.mark.parametrize("case", CASES)
def test_every_problem_is_named(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = (FOLDER / f"{case}.expected").read_text("utf-8")
    assert "".join(map(rendered, problems_of(case, monkeypatch))) == expected


@pytest.mark.parametrize("case", CASES)
def test_the_line_shown_is_the_line_named(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for problem in problems_of(case, monkeypatch):
        if problem.line is None or problem.file is None or problem.source is None:
            assert problem.code.startswith(("file.", "overlay.")) or problem.code == "semantics.no-header"
        else:
            text = Path(problem.file).read_bytes().decode("utf-8-sig", "replace")
            line = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[problem.line - 1]
            assert problem.source == line or (len(line) > 150 and problem.source.strip("…") in line)
            assert problem.column is not None
            assert problem.caret is not None
            assert 1 <= problem.column <= len(line) + 1
            assert line[problem.column - 1 :][:1] == problem.source[problem.caret - 1 :][:1]


def test_every_case_has_its_words() -> None:
    cases = {path.name.removesuffix(".yaml") for path in FOLDER.iterdir() if path.suffix != ".expected"}
    assert cases - {"methods"} == set(CASES)
    assert len(CASES) >= 200


if __name__ == "__main__":
    os.chdir(FOLDER)
    for name in sys.argv[1:]:
        found = "".join(map(rendered, problems_here(name)))
        Path(f"{name}.expected").write_text(found, "utf-8")
        sys.stdout.write(f"{name}\n{found}")
