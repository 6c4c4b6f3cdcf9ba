"""The house keeps its order: doors, layers, names, and tests that mirror the platform."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.doors import Exemption, find_violations, python_files, uses
from tests.support.places import TESTED_IN

ROOT = Path(__file__).parents[1]
ROTA = ROOT / "platform" / "rota"
TESTS = ROOT / "tests"

EXEMPTIONS: tuple[Exemption, ...] = (
    Exemption("runtime/processes.py", "os.environ", "a child's environment is the parent's with additions"),
)
"""Files that use a thing outside its place. One that is no longer needed fails a test."""

STANDARD_NAMES = {
    "configuration/code.py": "it checks code, and every module is imported by its full name only",
}
"""Modules named like one of the standard library, and why that is harmless."""

OWN_ROOMS = {
    "proof",
    "machines",
    "fuzz",
    "editors",
    "support",
    "docs",
    "configurations",
    "contracts",
    "journeys",
    "chaos",
    "benchmarks",
    "scripts",
}
"""Folders of tests that mirror no room: they go across several, or test what stands beside the platform."""


def below(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


# Doors


def test_every_outside_thing_comes_in_at_its_one_place() -> None:
    violations = [
        str(violation)
        for path in python_files(ROTA)
        for violation in find_violations(below(ROTA, path), path.read_text(encoding="utf-8"), EXEMPTIONS)
    ]
    assert not violations, "\n".join(violations)


@pytest.mark.parametrize("exemption", EXEMPTIONS, ids=lambda exemption: exemption.file)
def test_no_exemption_is_left_that_nobody_needs(exemption: Exemption) -> None:
    source = (ROTA / exemption.file).read_text(encoding="utf-8")
    assert any(violation.name == exemption.name for violation in find_violations(exemption.file, source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import yaml", "plan/diff.py:1: yaml belongs in configuration/parse.py"),
        ("from yaml import safe_load", "plan/diff.py:1: yaml belongs in configuration/parse.py"),
        ("import yaml.loader as loader", "plan/diff.py:1: yaml belongs in configuration/parse.py"),
        ("def f():\n    import jsonschema", "plan/diff.py:2: jsonschema belongs in configuration/schema.py"),
        (
            "from watchdog.observers import Observer",
            "plan/diff.py:1: watchdog belongs in configuration/watch.py",
        ),
        ("import sqlalchemy.orm", "plan/diff.py:1: sqlalchemy belongs in store/*"),
        (
            "import importlib\nimportlib.import_module('psycopg')",
            "plan/diff.py:2: psycopg belongs in store/*",
        ),
        (
            "import apscheduler",
            "plan/diff.py:1: apscheduler belongs in runtime/timer.py or schedule/trigger.py",
        ),
        ("from subprocess import run", "plan/diff.py:1: subprocess belongs in runtime/processes.py"),
        ("import os\nos.environ['A']", "plan/diff.py:2: os.environ belongs in app/settings.py"),
        ("from os import getenv as g", "plan/diff.py:1: os.getenv belongs in app/settings.py"),
        (
            "from datetime import datetime as d\nd.now(tz)",
            "plan/diff.py:2: datetime.datetime.now belongs in runtime/clock.py",
        ),
        (
            "import datetime\ndatetime.date.today()",
            "plan/diff.py:2: datetime.date.today belongs in runtime/clock.py",
        ),
        ("import time\ntime.time()", "plan/diff.py:2: time.time belongs in runtime/clock.py"),
        ("import time\ntime.sleep(1)", "plan/diff.py:2: time.sleep belongs in runtime/*"),
        ("print('x')", "plan/diff.py:1: print belongs in cli/*"),
        ("import sys\nsys.exit(1)", "plan/diff.py:2: sys.exit belongs in cli/main.py"),
        ("raise SystemExit(1)", "plan/diff.py:1: raise SystemExit belongs in cli/main.py"),
        ("import pickle", "plan/diff.py:1: pickle belongs in nowhere"),
    ],
)
def test_the_checker_catches(source: str, expected: str) -> None:
    assert [str(violation) for violation in find_violations("plan/diff.py", source)] == [expected]


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("configuration/parse.py", "import yaml"),
        ("store/tables.py", "from sqlalchemy import Table"),
        ("plan/diff.py", "from datetime import datetime\ndatetime.fromisoformat(text)"),
        ("plan/diff.py", "import time\ntime.monotonic()"),
        ("plan/diff.py", "clock.now()\nself.environ\nrow.time"),
        ("plan/diff.py", "from rota.plan.yaml import text"),
        ("plan/diff.py", "document = 'import yaml; print(1)'"),
        ("plan/diff.py", "try:\n    f()\nexcept (Exception, SystemExit) as error:\n    raise ValueError from error"),
    ],
)
def test_the_checker_lets_pass(file: str, source: str) -> None:
    assert find_violations(file, source) == []


def test_an_exemption_counts_for_its_file_and_name_only() -> None:
    exemptions = (Exemption("plan/diff.py", "os.environ", "to be seen"),)
    source = "import os\nos.environ\nos.getenv('A')"
    assert [v.name for v in find_violations("plan/diff.py", source, exemptions)] == ["os.getenv"]
    assert [v.name for v in find_violations("plan/plan.py", source, exemptions)] == [
        "os.environ",
        "os.getenv",
    ]


# Layers


def test_imports_go_downward_only() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports; exit(lint_imports(no_cache=True))",
    ]
    result = subprocess.run(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROTA.parent)}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


# Names


def test_the_source_root_is_no_package() -> None:
    assert not (ROTA.parent / "__init__.py").exists(), "it would shadow the standard library's `platform`"


def standard_names(files: list[str]) -> list[str]:
    """The files whose module, or one of whose folders, is named like a module of the standard library."""
    return [file for file in files if set(Path(file).with_suffix("").parts) & sys.stdlib_module_names]


def test_no_module_is_named_like_one_of_the_standard_library() -> None:
    named = standard_names([below(ROTA, path) for path in python_files(ROTA)])
    assert set(named) == STANDARD_NAMES.keys()


def test_the_check_of_names_catches_modules_and_folders() -> None:
    files = ["schedule/calendar.py", "queue/rows.py", "schedule/calendar_schedule.py", "store/__init__.py"]
    assert standard_names(files) == ["schedule/calendar.py", "queue/rows.py"]


@pytest.mark.parametrize("path", python_files(ROTA), ids=lambda path: below(ROTA, path))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path.name} has no docstring"


# Tests


def sleeps(source: str) -> list[int]:
    """The lines on which a test waits for time to pass instead of for what it needs."""
    return [line for line, name in uses(ast.parse(source)) if name in {"time.sleep", "asyncio.sleep"}]


def test_no_test_sleeps() -> None:
    files = [path for path in python_files(TESTS) if path.name.startswith(("test_", "conftest"))]
    found = [f"{below(ROOT, path)}:{line}" for path in files for line in sleeps(path.read_text(encoding="utf-8"))]
    assert not found, "wait for a condition with a timeout instead:\n" + "\n".join(found)


def test_the_check_of_sleeps_catches_them() -> None:
    assert sleeps("import time\nfrom asyncio import sleep\ntime.sleep(1)\nawait_it = sleep(1)") == [2, 3, 4]
    assert sleeps("import time\ntime.monotonic()\nevent.wait(1)") == []


def strays(tests: list[str], modules: set[str]) -> list[str]:
    """The tests in the folder of a room that test no module of that room."""
    found = []
    for test in tests:
        path = Path(test)
        if len(path.parts) > 1 and path.parts[0] not in OWN_ROOMS:
            module = path.with_name(path.name.removeprefix("test_")).as_posix()
            if module not in modules:
                found.append(test)
    return found


def test_tests_mirror_the_platform() -> None:
    tests = [below(TESTS, path) for path in sorted(TESTS.rglob("test_*.py"))]
    modules = {below(ROTA, path) for path in python_files(ROTA)}
    assert strays(tests, modules) == []


def has_tests(module: str) -> bool:
    """Whether a module has a test file of its name, in its room or, if it is the store's, among the contracts."""
    path = Path(module)
    own = path.with_name(f"test_{path.name}")
    return (TESTS / own).exists() or (path.parts[0] == "store" and (TESTS / "contracts" / own.name).exists())


def test_every_module_is_tested_under_its_name_or_where_it_is_said() -> None:
    modules = {below(ROTA, path) for path in python_files(ROTA) if path.name != "__init__.py"}
    elsewhere = {module for module in modules if not has_tests(module)}
    assert elsewhere == TESTED_IN.keys(), "tests/support/places.py"
    assert [test for test in TESTED_IN.values() if not (TESTS / test).exists()] == []


def test_the_check_of_the_mirror_catches_strays() -> None:
    tests = ["model/test_retry.py", "model/test_other.py", "journeys/test_update.py", "test_architecture.py"]
    assert strays(tests, {"model/retry.py"}) == ["model/test_other.py"]
