"""Doors: which outside things come into the platform, and where each has its one place.

Used by tests/test_architecture.py. A file's syntax tree is read, imported names are followed to what they
stand for, and every use of a guarded thing outside its place is a violation. Nothing is imported or run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path


@dataclass(frozen=True)
class Door:
    """`names` are modules, functions or builtins by their full names; `places` are files below `rota/`."""

    names: tuple[str, ...]
    places: tuple[str, ...]


@dataclass(frozen=True)
class Exemption:
    """A file that may use `name` outside its place, and why."""

    file: str
    name: str
    reason: str


@dataclass(frozen=True)
class Violation:
    """A use of `name` in `file` at `line`; its right place is `places`."""

    file: str
    line: int
    name: str
    places: tuple[str, ...]

    def __str__(self) -> str:
        place = " or ".join(self.places) or "nowhere"
        return f"{self.file}:{self.line}: {self.name} belongs in {place}"


DOORS = (
    Door(("yaml",), ("configuration/parse.py",)),
    Door(("jsonschema", "referencing"), ("configuration/schema.py",)),
    Door(("defusedxml", "xml"), ("importers/xml_tree.py",)),
    Door(("watchdog",), ("configuration/watch.py",)),
    Door(("sqlalchemy", "alembic", "psycopg", "sqlite3"), ("store/*",)),
    Door(("apscheduler",), ("runtime/timer.py", "schedule/trigger.py")),
    Door(("argon2", "hashlib.scrypt", "secrets"), ("app/passwords.py",)),
    Door(("typer", "click", "rich", "print", "input", "getpass"), ("cli/*",)),
    Door(("sys.exit", "raise SystemExit", "exit", "quit"), ("cli/main.py",)),
    Door(
        ("subprocess", "os.system", "os.popen", "os.fork", "asyncio.create_subprocess_exec"),
        ("runtime/processes.py",),
    ),
    Door(("multiprocessing", "concurrent.futures.ProcessPoolExecutor"), ()),
    Door(("os.environ", "os.getenv", "os.putenv"), ("app/settings.py",)),
    Door(
        (
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
            "time.time",
            "time.time_ns",
        ),
        ("runtime/clock.py",),
    ),
    Door(("time.sleep",), ("runtime/*",)),
    Door(("pickle", "marshal", "shelve", "eval", "exec"), ()),
)


def find_violations(file: str, source: str, exemptions: tuple[Exemption, ...] = ()) -> list[Violation]:
    """All uses in `source` that belong elsewhere. `file` is its path below `rota/`."""
    exempt = {exemption.name for exemption in exemptions if exemption.file == file}
    return [
        Violation(file, line, guarded, door.places)
        for line, name in uses(ast.parse(source))
        for door in DOORS
        for guarded in door.names
        if (name == guarded or name.startswith(guarded + "."))
        and guarded not in exempt
        and not any(fnmatch(file, place) for place in door.places)
    ]


def uses(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every outside name that the module uses, in full (`datetime.datetime.now`), with its line.

    What is raised by a plain name appears a second time as `raise NAME`: to catch `SystemExit` is not to exit.
    """
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        for line, local, full in _imported(node):
            known[local] = full
            yield line, full
    for node in ast.walk(tree):
        full_name = _full_name(node, known)
        if full_name is not None:
            yield getattr(node, "lineno", 0), full_name
        elif isinstance(node, ast.Call) and _is_dynamic_import(node):
            yield node.lineno, ast.literal_eval(node.args[0])
        elif isinstance(node, ast.Raise):
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            if isinstance(raised, ast.Name):
                yield node.lineno, f"raise {known.get(raised.id, raised.id)}"


def python_files(folder: Path) -> list[Path]:
    """The modules below `folder`, in order."""
    return sorted(folder.rglob("*.py"))


def _imported(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    """What an import statement brings in: line, local name, full name."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            # `import a.b` binds `a`, `import a.b as c` binds `a.b`.
            full = alias.name if alias.asname else alias.name.split(".")[0]
            yield node.lineno, alias.asname or full, full
    elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        for alias in node.names:
            yield node.lineno, alias.asname or alias.name, f"{node.module}.{alias.name}"


def _full_name(node: ast.AST, known: dict[str, str]) -> str | None:
    """The full name behind a dotted expression whose first part was imported, or behind a bare builtin."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    if node.id not in known and parts:
        return None  # an attribute of something local
    return ".".join([known.get(node.id, node.id), *reversed(parts)])


def _is_dynamic_import(node: ast.Call) -> bool:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    constant = bool(node.args) and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    return constant and name in {"import_module", "__import__"}
