"""New projects: a first configuration, its methods with their test, and what editors and git want. For `rota init`.

The configuration is that of `configurations/sample`, a real one with tests of its own, under another name.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rota.app.folders import DEFAULT_FOLDER
from rota.configuration.discover import SUFFIXES
from rota.configuration.editors import editor_schema
from rota.configuration.files import read_file
from rota.configuration.schema import OVERLAY_SCHEMA, SCHEMA, load_schema
from rota.importers.naming import identifier, job_name
from rota.importers.yaml_text import flow
from rota.model.errors import UsageError

JOBS, METHODS, TEST = "jobs.yaml", "sample_jobs.py", "test_sample_jobs.py"

_NAMES = re.compile(r"sample(_jobs)?")
_IGNORED = """\
# The local database, and what Python leaves behind
rota.db*
__pycache__/
.pytest_cache/
"""


@dataclass(frozen=True, slots=True)
class Project:
    """What was written into `folder`, and what was there already and stays as it is; paths below it."""

    folder: Path
    name: str
    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def create_project(folder: Path, name: str | None = None) -> Project:
    """Write a project into a folder, which is made if it does not exist; its configuration is named like it.

    Nothing that is there is changed. Raises `UsageError`, having written nothing, for a name that no configuration can
    have, where a configuration of that name lies in the folder already, where the folder itself belongs to a
    configuration, and where it cannot be written.
    """
    name = Path(os.path.realpath(folder)).name if name is None else name
    _require_name(name)
    texts = _texts(name)
    try:
        _require_outside(Path(os.path.realpath(folder)), name)
        _require_free(folder, name, texts)
        kept = tuple(path for path in sorted(texts) if (folder / path).exists())
        _write(folder, texts)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be written: {error.strerror}") from error
    return Project(folder, name, tuple(path for path in sorted(texts) if path not in kept), kept)


def _require_name(name: str) -> None:
    rule = load_schema()["$defs"]["name"]
    if not re.fullmatch(rule["pattern"], name) or len(name) > rule["maxLength"]:
        known = "small letters, digits and hyphens, 100 at most"
        raise UsageError(f"{name!r} is no name for a configuration: {known}; how about --name {job_name(name)}?")


def _require_outside(folder: Path, name: str) -> None:
    """A project inside of a configuration, or among those of another project, would become a part of it."""
    for place in (folder, *folder.parents):
        if place.name == DEFAULT_FOLDER.name and any(map(_is_configuration, place.glob("*/"))):
            beside = f"`rota init {place.parent} --name {name}` writes one more beside them"
            raise UsageError(f"{folder}: is among the configurations in {place}; nothing was written; {beside}")
    for place in (folder, *folder.parents):
        if _is_configuration(place):
            raise UsageError(f"{folder}: belongs to the configuration in {place}; nothing was written")


def _is_configuration(folder: Path) -> bool:
    """Whether one of the files right in the folder is a configuration's, with its header."""
    files = (read_file(path) for suffix in SUFFIXES for path in folder.glob(f"*{suffix}"))
    return any(file.document is not None and {"rota", "configuration"} <= file.document.data.keys() for file in files)


def _require_free(folder: Path, name: str, texts: Mapping[Path, str]) -> None:
    """A second configuration finds its place beside the first, but none inside of another."""
    for place in sorted({*folder.parents, *(folder / parent for path in texts for parent in path.parents)}):
        if os.path.lexists(place) and not place.is_dir():
            what = "file, not a folder" if place.exists() else "link that leads nowhere"
            raise UsageError(f"{place}: is a {what}; nothing was written")
    place = folder / DEFAULT_FOLDER
    around = sorted(path.name for path in place.glob("*") if path.suffix in SUFFIXES)
    if around:
        raise UsageError(f"{place}: is a configuration itself, with {around[0]}; nothing was written")
    inside = sorted(path.name for path in (place / name).glob("*"))
    if inside:
        raise UsageError(f"{place / name}: holds {', '.join(inside)} already; nothing was written")


def _texts(name: str) -> dict[Path, str]:
    """Every file of the project. The configuration is the last: with it, the project is complete."""
    module = identifier(f"{name}-jobs", otherwise="jobs")

    def renamed(text: str) -> str:
        text = text.replace("name: sample\n", f"name: {flow(name)}\n")  # quoted where YAML would take it for a number
        return _NAMES.sub(lambda match: module if match[1] else name, text)

    sample = _sample_folder()
    return {
        Path(".gitignore"): _IGNORED,
        **{Path("schemas", schema): editor_schema(schema) for schema in (SCHEMA, OVERLAY_SCHEMA)},
        **{
            DEFAULT_FOLDER / name / renamed(file): renamed((sample / file).read_text("utf-8"))
            for file in (TEST, METHODS, JOBS)
        },
    }


def _sample_folder() -> Path:
    """Where the sample lies: inside the installed package, or in the source tree."""
    package = Path(__file__).parents[1]
    installed = package / "sample"
    return installed if installed.is_dir() else package.parents[1] / "configurations" / "sample"


def _write(folder: Path, texts: Mapping[Path, str]) -> None:
    """Beside their place first, so that a project is never there by halves."""
    around = folder if folder.is_dir() else folder.parent
    around.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".rota-init.", dir=around) as scratch:
        made = Path(scratch, "made")
        for path, text in texts.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        _place(made, folder)


def _place(made: Path, target: Path) -> None:
    """Move a folder to its place; where there is one already, move into it what it does not have."""
    if not target.exists():
        made.rename(target)
    elif made.is_dir():
        for entry in sorted(made.iterdir(), key=lambda entry: (entry.name == DEFAULT_FOLDER.name, entry.name)):
            _place(entry, target / entry.name)
