"""What people and programs are shown of a configuration that is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rota.configuration.codes import Code
from tests.support.command_line import rota

WRONG = "  job-{number}: {{colour: red, use: maybe}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten thousand jobs with three errors each, and one warning before them all."""
    (tmp_path / "a.yaml").write_text("rota: 1\nconfiguration: {name: many}\njobs: {idle: {command: [echo]}}\n")
    jobs = "".join(WRONG.format(number=number) for number in range(10_000))
    (tmp_path / "jobs.yaml").write_text(f"rota: 1\njobs:\n{jobs}")
    return tmp_path


def test_thirty_thousand_errors_stay_readable(folder: Path) -> None:
    done = rota("validate", ".", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.count("unknown key") + done.stderr.count("needs one of") + done.stderr.count("takes true") == 50
    assert "never starts by itself" not in done.stderr, "errors come before warnings where not all are shown"
    assert "and 29,951 more problems; `rota validate --format json` has all of them:" in done.stderr
    assert "    10,000  schema.unknown-key\n" in done.stderr
    assert done.stderr.endswith(
        ".: 30000 errors, 1 warning (10001 jobs in 2 files; checked: schema, semantics, code)\n"
    )
    problems = json.loads(rota("validate", ".", "--format", "json", cwd=folder).stdout)
    assert len(problems) == 30_001
    assert problems[1] == {
        "file": "jobs.yaml",
        "line": 3,
        "column": 3,
        "path": "jobs.job-0",
        "message": "needs one of method and command",
        "hint": None,
        "severity": "error",
        "code": "schema.missing-key",
        "expected": "one of the keys method, command",
    }


@pytest.mark.parametrize(
    ("chosen", "start"), [("sarif", '{\n  "$schema"'), ("github", "::error file=wrong.yaml,line=")]
)
def test_programs_get_their_format_and_nothing_else(tmp_path: Path, chosen: str, start: str) -> None:
    (tmp_path / "wrong.yaml").write_text("rota: 1\nconfiguration: {name: 7}\n")
    done = rota("validate", "wrong.yaml", "--format", chosen, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith(start)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    done = rota("validate", "--format", "xml", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "rota: --format xml: it is one of text, json, sarif, github, table\n")


def test_a_code_is_explained(tmp_path: Path) -> None:
    done = rota("explain", "schema.unknown-key", cwd=tmp_path)
    assert done.stdout.startswith("schema.unknown-key\n\nThe language has no such key at this place.")
    listed = rota("explain", cwd=tmp_path).stdout.splitlines()
    assert any(line.startswith("yaml.syntax ") for line in listed)
    group = rota("explain", "overlay", cwd=tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in group[1:]] == [code for code in Code if code.startswith("overlay.")]
    wrong = rota("explain", "schema.unknwon-key", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "rota: there is no code 'schema.unknwon-key'; did you mean schema.unknown-key?\n",
    )
