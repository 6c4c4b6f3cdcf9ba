"""The command line starts fast, exits in one place and hides no mistake of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from rota import __version__, connect
from rota.cli.main import app_for
from tests.support.command_line import environment, rota

HEAVY = ("sqlalchemy", "yaml", "jsonschema", "rich", "apscheduler", "msgspec", "pydantic", "tomllib")
"""What takes long to import. Typer itself imports pydantic, but only for a command with options of its own."""

LATER = (
    "rota.schedule.schedule",
    "rota.configuration",
    "rota.plan",
    "yaml",
    "jsonschema",
    "watchdog",
    "alembic",
    "rich",
    "argon2",
    "tomllib",
    "sqlalchemy.dialects.postgresql",
)
"""What an engine's first jobs on SQLite need not wait for, where nothing is to be applied and nothing is scheduled."""

IDLE = (
    "rota.engine",
    "rota.executors",
    "rota.importers",
    "rota.app.previews",
    "watchdog",
    "alembic",
    "apscheduler",
    "rich",
    "pydantic",
    "argon2",
    "sqlalchemy.ext",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.postgresql",
)
"""What an `apply` that finds nothing to do has no use for."""

MOST_DATACLASSES = 24
"""Python compiles the methods of each anew at every start, 0.45 ms each; those of a struct take 0.01."""

CONFIGURATION = """
rota: 1
configuration: {name: curious, modules: [curious_jobs]}
"""

CURIOUS = """
import sys

def imported(names: list[str]) -> list[str]:
    return [name for name in names if name in sys.modules]
"""

BROKEN = """
import sys
import rota.cli.status
def broken(_context):
    raise KeyError("lost\\nand found")
import rota.app.status
rota.app.status.status = broken
sys.argv = ["rota", "status"]
from rota.cli.main import main
main()
"""

INTERRUPTED = """
import signal
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "MODULE":
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
sys.argv = ["rota", "status"]
from rota.cli.main import main
main()
"""


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(option: str) -> None:
    program = f"import sys; sys.argv = ['rota', {option!r}]\n"
    program += "import atexit\n"
    program += f"atexit.register(lambda: print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr))\n"
    program += "from rota.cli.main import main; main()"
    done = python(program)
    assert done.returncode == 0
    assert done.stderr.strip() == "[]"
    assert "rota" in done.stdout


def test_next_to_nothing_is_imported_before_a_ctrl_c_is_answered() -> None:
    program = "import sys; before = set(sys.modules)\n"
    program += "import rota.cli.main; print(*sorted(set(sys.modules) - before))"
    names = python(program).stdout.split()
    assert {name for name in names if name.startswith("rota")} == {"rota", "rota.cli", "rota.cli.main"}
    assert "typing" not in names, "half of the time of all of them"


@pytest.mark.parametrize(
    "module",
    ["rota.runtime.collecting", "rota.cli.exits", "rota.cli.output", "rota.cli.front", "typer", "rota.cli.status"],
)
def test_ctrl_c_while_modules_are_imported_is_one_line(module: str) -> None:
    done = python(INTERRUPTED.replace("MODULE", module))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "rota: interrupted\n")


@pytest.mark.parametrize(
    ("called", "says"),
    [
        (
            "--database x status",
            "--database stands before the command; options come after it: rota COMMAND --database ...",
        ),
        ("--user=ann status", "--user stands before the command; options come after it: rota COMMAND --user ..."),
        ("--no-code plan", "--no-code stands before the command; options come after it: rota COMMAND --no-code ..."),
        (
            "jobs --user ann list",
            "--user stands before the command; options come after it: rota jobs COMMAND --user ...",
        ),
    ],
)
def test_an_option_before_the_command_is_told_its_place(called: str, says: str) -> None:
    done = rota(*called.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"rota: {says}\n")


@pytest.mark.parametrize(("called", "says"), [("--verson", "--version"), ("jobs --hlp", "--help")])
def test_an_own_option_that_is_misspelt_is_told_its_name(called: str, says: str) -> None:
    done = rota(*called.split())
    assert done.returncode == 2
    assert says in done.stderr


def test_version_imports_no_command() -> None:
    program = "import atexit, sys; sys.argv = ['rota', '--version']\n"
    program += "atexit.register(lambda: print('typer' in sys.modules))\n"
    program += "from rota.cli.main import main; main()"
    assert python(program).stdout.splitlines() == [f"rota {__version__}", "False"]


def test_an_apply_that_finds_nothing_to_do_imports_little(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/rota.db"
    file = tmp_path / "curious.yaml"
    file.write_text(CONFIGURATION)
    (tmp_path / "curious_jobs.py").write_text(CURIOUS)
    assert rota("apply", file, database=database).returncode == 0
    program = f"import atexit, dataclasses, sys; sys.argv = ['rota', 'apply', {str(file)!r}, '--no-code']\n"
    program += "made = []\n"
    program += "dataclass = dataclasses.dataclass\n"
    program += "dataclasses.dataclass = lambda *a, **k: made.append(a) or dataclass(*a, **k)\n"
    program += f"atexit.register(lambda: print([n for n in {IDLE!r} if n in sys.modules], len(made)))\n"
    program += "from rota.cli.main import main; main()"
    said = python(program, ROTA_DATABASE=database).stdout.splitlines()
    assert "nothing to do" in said[0]
    imported, _, dataclasses = said[1].rpartition(" ")
    assert imported == "[]"
    assert int(dataclasses) <= MOST_DATACLASSES


def test_a_command_that_ends_does_not_look_for_garbage() -> None:
    program = "import atexit, gc, sys; sys.argv = ['rota', '--version']\n"
    program += "atexit.register(lambda: print(gc.get_count()[0] < 1000 < gc.get_freeze_count()))\n"
    program += "from rota.cli.main import main; main()"
    assert python(program).stdout.splitlines() == [f"rota {__version__}", "True"]


def test_a_command_closes_the_database_however_it_ends(tmp_path: Path) -> None:
    """SQLite then has nothing left to do for whoever comes next, and the database is one file that can be copied."""
    database = f"sqlite:///{tmp_path}/rota.db"
    assert rota("database", "upgrade", database=database).returncode == 0
    assert rota("status", database=database).returncode == 0
    assert rota("jobs", "show", "unknown", database=database).returncode == 3
    assert [file.name for file in tmp_path.iterdir()] == ["rota.db"]


def test_the_first_job_of_an_engine_waits_for_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/rota.db"
    (tmp_path / "curious.yaml").write_text(CONFIGURATION)
    (tmp_path / "curious_jobs.py").write_text(CURIOUS)
    assert rota("apply", "curious.yaml", database=database, cwd=tmp_path).returncode == 0
    with connect(database) as platform:
        job = platform.background_jobs.start(
            "curious_jobs:imported", {"names": ["sqlalchemy", *LATER]}, executor="thread"
        )
        done = rota("run", "--until-idle", "--quiet", database=database, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert job.wait().result == ["sqlalchemy"]


def test_every_command_is_found_by_its_first_word_alone() -> None:
    whole = get_command(app_for(""))
    assert isinstance(whole, TyperGroup)
    for word, found in whole.commands.items():
        alone = get_command(app_for(word))
        assert isinstance(alone, TyperGroup)
        assert word in alone.commands
        assert len(alone.commands) < 5, "the others are not imported"
        assert alone.commands[word].help == found.help


def test_no_command_shows_the_help() -> None:
    done = rota()
    assert done.returncode == 2
    assert "Configurations:" in done.stdout + done.stderr


def test_a_mistake_of_rota_is_one_line_and_a_wish(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/rota.db"
    assert rota("database", "upgrade", database=database).returncode == 0
    done = python(BROKEN, ROTA_DATABASE=database)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        r"rota: unexpected KeyError: 'lost\nand found'",
        "This is a mistake in Rota: please report it, with what ROTA_TRACEBACK=1 shows.",
    ]
    shown = python(BROKEN, ROTA_DATABASE=database, ROTA_TRACEBACK="1").stderr
    assert shown.startswith("Traceback")
    assert "in broken" in shown


def python(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment() | variables, capture_output=True, text=True, check=False)
