"""From paths to configurations and all their problems."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rota.configuration.load import load

Write = Callable[[str, str], Path]

HEADER = "rota: 1\nconfiguration: {name: shop, path: []}\n"


def test_what_was_checked_can_be_said(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", HEADER + "jobs: {a: {command: [echo], use: false}}\n")
    write("more/jobs.yaml", "rota: 1\njobs: {b: {command: [echo]}, c: {command: [echo], use: false}}\n")
    (loaded,) = load([tmp_path])
    assert (loaded.name, loaded.source, loaded.files, loaded.jobs) == ("shop", str(tmp_path), 2, 3)
    assert loaded.depths == ("schema", "semantics", "code")
    assert loaded.configuration is not None
    assert [problem.path for problem in loaded.warnings] == ["jobs.b"]
    assert loaded.errors == ()


def test_all_problems_of_all_files_come_at_once(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", HEADER + "jobs: {a: {command: [echo], use: maybe}}\n")
    write("b.yaml", "rota: 1\njobs:\n  b: {command: [echo], executor: moon, use: false}\n")
    write("c.yaml", "rota: 1\njobs: [\n")
    write("d.yaml", "rota: 1\nrota: 1\njobs:\n  d: {method: 'os:getcwd', schedule: {cron: bad}}\n")
    (loaded,) = load([tmp_path])
    assert loaded.configuration is None
    assert [(Path(problem.file or "").name, problem.line, problem.code) for problem in loaded.problems] == [
        ("b.yaml", 3, "semantics.unknown-executor"),
        ("c.yaml", 2, "yaml.syntax"),
        ("d.yaml", 2, "yaml.duplicate-key"),
        ("d.yaml", 4, "semantics.method-not-allowed"),
        ("d.yaml", 4, "schedule.bad-cron"),
        ("rota.yaml", 3, "schema.type"),
    ]


def test_a_broken_header_brings_no_echo_from_the_jobs(write: Write, tmp_path: Path) -> None:
    write("rota.yaml", "rota: 1\nconfiguration:\n  name: shop\n  executors: {crawl: {kind: thread}\n")
    write("jobs.yaml", "rota: 1\njobs: {a: {method: 'shop_jobs:f', executor: crawl, use: false}}\n")
    (loaded,) = load([tmp_path])
    assert [problem.code for problem in loaded.problems] == ["yaml.syntax"]


def test_each_configuration_stands_for_itself(write: Write, tmp_path: Path) -> None:
    write("shop/rota.yaml", HEADER)
    write("bank/rota.yaml", "rota: 1\nconfiguration: {name: bank, timezone: Mars}\n")
    bank, shop, gone = load([tmp_path, tmp_path / "gone"])
    assert (bank.configuration, bank.errors[0].code) == (None, "semantics.timezone")
    assert shop.configuration is not None
    assert (gone.name, gone.configuration, gone.files, gone.depths) == (None, None, 1, ())
    assert gone.errors[0].message == "does not exist"


def test_paths_stay_as_they_were_given(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("configurations/rota.yaml", "rota: 1\nconfiguration: {nam: shop}\n")
    monkeypatch.chdir(tmp_path)
    (loaded,) = load([Path("configurations")])
    assert str(loaded.problems[0]) == "configurations/rota.yaml:2:1: configuration: the key name is missing"
    assert loaded.problems[0].source == "configuration: {nam: shop}"
    assert loaded.problems[1].hint == "did you mean name?"


def test_a_job_with_a_hundred_problems_has_a_hundred(write: Write) -> None:
    keys = "".join(f"    colour-{number}: red\n" for number in range(100))
    path = write("rota.yaml", HEADER + "jobs:\n  a:\n    command: [echo]\n    use: false\n" + keys)
    (loaded,) = load([path])
    assert [problem.line for problem in loaded.problems] == list(range(7, 107))


def test_heavy_libraries_are_imported_only_when_something_is_loaded() -> None:
    code = "import sys, rota.configuration.load; print(*{'yaml', 'jsonschema', 'msgspec'} & set(sys.modules))"
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "platform")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""
