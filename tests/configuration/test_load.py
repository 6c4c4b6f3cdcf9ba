"""From paths to configurations and all their problems."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.configuration.load import load, load_data
from rota.configuration.variables import Variables

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


def test_a_start_that_clocks_jump_over_is_told_with_its_place(write: Write, tmp_path: Path) -> None:
    jobs = """\
jobs:
  night:
    command: [echo]
    schedule:
      timezone: Europe/Berlin
      days_repeat_period: 1
      begin_time: "02:30"
"""
    write("rota.yaml", HEADER + jobs)
    (loaded,) = load([tmp_path], today=date(2026, 1, 1))
    (warning,) = loaded.warnings
    assert (warning.path, warning.line, warning.column) == ("jobs.night.schedule.begin_time", 9, 19)
    assert warning.message.startswith("02:30 does not exist on 29 Mar 2026 in Europe/Berlin")
    assert loaded.configuration is not None
    assert load([tmp_path])[0].warnings == ()


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
    assert str(loaded.problems[0]) == "configurations/rota.yaml:2:17: configuration.nam: unknown key"
    assert loaded.problems[0].source == "configuration: {nam: shop}"
    assert loaded.problems[0].hint == "did you mean name?"


def test_a_job_with_a_hundred_problems_has_a_hundred(write: Write) -> None:
    keys = "".join(f"    colour-{number}: red\n" for number in range(100))
    path = write("rota.yaml", HEADER + "jobs:\n  a:\n    command: [echo]\n    use: false\n" + keys)
    (loaded,) = load([path])
    assert [problem.line for problem in loaded.problems] == list(range(7, 107))


RIGHT: dict[str, Any] = {
    "rota": 1,
    "configuration": {
        "name": "shop",
        "timezone": "Europe/Berlin",
        "modules": ["shop_jobs"],
        "path": ["."],
        "executors": {"crawl": {"kind": "thread", "workers": 32}},
        "defaults": {"executor": "process", "retry": {"count": 3, "interval": "10s"}, "timeout": 5, "priority": 1},
        "retention": {"age": "1d", "count": 1000},
    },
    "jobs": {
        "rates": {
            "method": "shop_jobs.rates:load",
            "parameters": {"currencies": ["USD", "GBP"]},
            "retry": {"count": 5, "interval": "1m", "backoff": 2.0, "max_interval": "1h", "on_timeout": False},
            "schedule": [{"cron": "0 5 * * *"}, {"days_repeat_period": 1, "week_days": [1, "tue"], "months": [1]}],
            "timeout": "10m",
            "renamed_from": "old",
        },
        "dump": {
            "command": ["pg_dump", "shop"],
            "environment": {"PGHOST": "db"},
            "working_directory": "dumps",
            "ok_exit_codes": [0, 3],
            "schedule": {"days_repeat_period": 1, "detailed_daily_schedules": [{"begin_time": "05:00"}]},
        },
    },
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-9, 9)
    | st.text()
    | st.sampled_from(["", "0", "1h", "05:00", "2026-02-30", "process", "command", "UTC", "a:b", "dump", 3.0, 1e300]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


@given(st.sampled_from(places(RIGHT)[1:]), ANYTHING)
def test_whatever_stands_anywhere_becomes_a_configuration_or_problems(path: tuple[Any, ...], value: Any) -> None:
    data = copy.deepcopy(RIGHT)
    holder: Any = data
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    loaded = load_data(data, name="data")
    assert (loaded.configuration is None) is bool(loaded.errors)


def test_ten_thousand_problems_are_found_in_no_time(write: Write) -> None:
    jobs = "".join(f"  j-{number}: {{command: [echo], timeout: 0, schedule: {{cron: x}}}}\n" for number in range(5000))
    (loaded,) = load([write("rota.yaml", HEADER + "jobs:\n" + jobs)])
    assert len(loaded.errors) == 10_000
    assert [problem.line for problem in loaded.errors[::2]] == list(range(4, 5004))


def test_heavy_libraries_are_imported_only_when_something_is_loaded() -> None:
    code = "import sys, rota.configuration.load; print(*{'yaml', 'jsonschema', 'sqlalchemy'} & set(sys.modules))"
    environment = {"PYTHONPATH": str(Path(__file__).parents[2] / "platform")}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == ""


def test_a_variable_that_was_given_for_nothing_is_told(write: Write) -> None:
    path = write("rota.yaml", HEADER + 'jobs: {a: {command: ["${PROGRAM}"], use: false}}\n')
    variables = Variables({"PROGRAM": "echo", "PROGRAMM": "cat"}, ["PROGRAM", "PROGRAMM"])
    (loaded,) = load([path], variables=variables, code=False)
    assert [(problem.code, problem.message, problem.hint) for problem in loaded.problems] == [
        ("variable.unused", "--set PROGRAMM: no file uses ${PROGRAMM}", "did you mean PROGRAM?")
    ]
    assert loaded.configuration is not None
    assert loaded.configuration.definitions[0].command == ("echo",)


@pytest.mark.parametrize("named", ["loop.yaml", "."])
def test_links_that_lead_to_themselves_are_problems(tmp_path: Path, named: str) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (loaded,) = load([tmp_path / named])
    (problem,) = loaded.problems
    assert (problem.code, problem.file) == ("file.unreadable", str(tmp_path / "loop.yaml"))
    assert "too many levels of symbolic links" in problem.message


def test_folders_of_code_that_lead_to_themselves_are_problems(write: Write, tmp_path: Path) -> None:
    (tmp_path / "code").symlink_to("code")
    file = write(
        "rota.yaml", "rota: 1\nconfiguration: {name: shop, path: [code], modules: [m]}\njobs: {a: {method: 'm:f'}}\n"
    )
    (loaded,) = load([file])
    assert [problem.code for problem in loaded.errors] == ["code.path-missing", "code.method-unknown"]
