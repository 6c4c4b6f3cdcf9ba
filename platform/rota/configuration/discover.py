"""Which files belong to which configuration.

A file is a configuration of its own. A folder is one too, with all YAML files in it at any depth, unless it holds no
YAML file itself and each of its sub-folders holds a header: then each of these is looked at in the same way.
Its folder `environments` holds overlays, of which one may be asked for by its name; all of them may be looked at, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from rota.configuration.codes import Code
from rota.configuration.document import Document
from rota.configuration.files import File, ReadFile, read_file
from rota.configuration.source import shown, unreadable
from rota.configuration.wording import closest
from rota.model.problem import Problem

SUFFIXES = (".yaml", ".yml")
ENVIRONMENTS = "environments"
"""The folder of overlays, directly in a configuration's folder."""


class Group(msgspec.Struct):
    """The files of one configuration, read and parsed. `root` is its folder or file as the user named it.

    `environment` is the one that it is read for, and `overlay` what that says; None where it says nothing or cannot be
    read. Where the environment was not `asked` for, this is no place to judge what belongs to it alone: the values of
    its variables, the folders of its code.
    """

    root: Path
    files: list[Path] = msgspec.field(default_factory=list)
    documents: list[Document] = msgspec.field(default_factory=list)
    problems: list[Problem] = msgspec.field(default_factory=list)
    environment: str | None = None
    overlay: Document | None = None
    asked: bool = True


class _Found(msgspec.Struct):
    """What lies below a folder: the YAML files, and the folders of overlays."""

    files: list[Path] = msgspec.field(default_factory=list)
    environments: list[Path] = msgspec.field(default_factory=list)


def discover(paths: Sequence[Path], *, environment: str | None = None, read: ReadFile = read_file) -> list[Group]:
    """One group for each configuration that `paths` name; a file or folder named twice counts once.

    Each gets its overlay for `environment`; if none of them has overlays at all, that is a problem. `read` reads and
    parses one file.
    """
    groups, seen = [], set()
    for path in paths:
        for group in _groups(path, read):
            root = os.path.realpath(group.root)
            if root not in seen:
                seen.add(root)
                groups.append(group)
    if environment is not None:
        _choose_overlays(groups, environment, read)
    return groups


def with_each_overlay(groups: Sequence[Group], read: ReadFile = read_file) -> list[Group]:
    """The groups, and each of them again with every overlay that it has; `read` reads and parses one file."""
    for group in groups:
        group.problems += _unread(group.root / ENVIRONMENTS)
    return [*groups, *(each for group in groups for each in _in_each_environment(group, read))]


def list_files(paths: Sequence[Path], environment: str | None = None) -> list[Path]:
    """Every file that `discover` reads of configurations that are as they should be."""
    files: list[Path] = []
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - as below
            files.append(path)
            continue
        found = _walk(path, [])
        overlays = (each for folder in found.environments for each in _overlays(folder) if each.stem == environment)
        files += [*found.files, *overlays]
    return files


def _overlays(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if _counts(path.name)]


def _groups(path: Path, read: ReadFile) -> list[Group]:
    if not os.path.isdir(path):  # noqa: PTH112 - unlike a Path's, it takes no offence at folders it may not look into
        return [_group(path, [read(path)])]
    problems: list[Problem] = []
    found = _walk(path, problems)
    files = [read(file) for file in found.files]
    if not files and not problems:
        message, hint = "holds no YAML file", "a configuration is a folder of *.yaml files"
        problems.append(Problem(message=message, code=Code.NO_FILES, file=shown(path), hint=hint))
    groups = _split(path, files, problems)
    roots = {group.root for group in groups}
    groups[0].problems += [_misplaced(folder) for folder in found.environments if folder.parent not in roots]
    return groups


def _choose_overlays(groups: Sequence[Group], environment: str, read: ReadFile) -> None:
    with_overlays = [group for group in groups if (group.root / ENVIRONMENTS).is_dir()]
    # A configuration without any overlay is the same everywhere; but one of those that are meant must have some.
    for group in with_overlays or groups:
        folder = group.root / ENVIRONMENTS
        by_name = _by_name(folder)
        if environment in by_name:
            _lay_over(group, environment, by_name[environment], read)
        elif group.documents:  # else there is nothing to lay it over, and that is told
            group.problems.append(_no_overlay(folder, environment, sorted(by_name)))


def _unread(folder: Path) -> Iterator[Problem]:
    """The folders in a folder of overlays that hold YAML files."""
    for below in sorted(path for path in folder.glob("*") if path.is_dir() and not _counts(path.name)):
        if any(_counts(path.name) for path in below.rglob("*")):
            message, hint = (
                "no environment reads what is in this folder",
                f"an overlay is one file: {shown(below)}.yaml",
            )
            yield Problem(message=message, code=Code.OVERLAY_PLACE, file=shown(below), hint=hint)


def _in_each_environment(group: Group, read: ReadFile) -> Iterator[Group]:
    folder = group.root / ENVIRONMENTS
    for environment, paths in _by_name(folder).items():
        made = Group(group.root, [*group.files], group.documents, [*group.problems], asked=False)
        _lay_over(made, environment, paths, read)
        yield made


def _by_name(folder: Path) -> dict[str, list[Path]]:
    """The overlays in a folder, by the names of their environments: one for each, if all is well."""
    found: dict[str, list[Path]] = {}
    for path in _overlays(folder):
        found.setdefault(path.stem, []).append(path)
    return found


def _lay_over(group: Group, environment: str, paths: Sequence[Path], read: ReadFile) -> None:
    for second in paths[1:]:
        message = f"is a second overlay for {environment}, beside {shown(paths[0])}"
        group.problems.append(Problem(message=message, code=Code.OVERLAY_TWICE, file=shown(second)))
    overlay = read(paths[0])
    group.environment, group.overlay = environment, overlay.document
    group.files.append(overlay.path)
    group.problems += overlay.problems if group.asked else map(_without_its_variables, overlay.problems)


def _without_its_variables(problem: Problem) -> Problem:
    """A variable that its environment sets, and this one does not, leaves a value unchecked."""
    if problem.code != Code.VARIABLE_MISSING:
        return problem
    return replace(problem, severity="warning", message=f"{problem.message}: this value is not checked")


def _no_overlay(folder: Path, environment: str, known: Sequence[str]) -> Problem:
    if known:
        hint = closest(environment, known) or f"there are {', '.join(known)}"
    elif folder.parent.is_file():
        hint = "overlays are for configurations that are a folder"
    elif (folder / environment).is_dir():
        hint = f"an overlay is one file: write {shown(folder / environment)}.yaml instead of the folder"
    else:
        hint = f"write {shown(folder / environment)}.yaml"
    message = f"has no overlay for the environment {environment!r}"
    return Problem(message=message, code=Code.OVERLAY_MISSING, file=shown(folder), hint=hint)


def _misplaced(folder: Path) -> Problem:
    message = "overlays lie directly in the folder of a configuration, and here is none"
    hint = "move it there, or give it another name if it holds jobs"
    return Problem(message=message, code=Code.OVERLAY_PLACE, file=shown(folder), hint=hint)


def _split(folder: Path, files: list[File], problems: list[Problem]) -> list[Group]:
    """`folder` as one configuration, or as a folder of configurations."""
    below: dict[Path, list[File]] = {}
    for file in files:
        relative = file.path.relative_to(folder)
        below.setdefault(folder / relative.parts[0], []).append(file)
    is_one = not below or any(
        child == group[0].path or not any(file.holds_header for file in group) for child, group in below.items()
    )
    if is_one:
        return [_group(folder, files, problems)]
    groups = [group for child, members in below.items() for group in _split(child, members, [])]
    groups[0].problems[:0] = problems
    return groups


def _group(root: Path, files: list[File], problems: Sequence[Problem] = ()) -> Group:
    return Group(
        root,
        files=[file.path for file in files],
        documents=[file.document for file in files if file.document is not None],
        problems=[*problems, *(problem for file in files for problem in file.problems)],
    )


def _walk(folder: Path, problems: list[Problem]) -> _Found:
    """The YAML files below `folder`, sorted; hidden ones are an editor's or a version control's and left out."""
    seen: set[str] = set()
    found = _Found()

    def note(error: OSError) -> None:
        problems.append(unreadable(Path(os.fsdecode(error.filename)), error))

    for parent, folders, files in os.walk(folder, onerror=note, followlinks=True):
        real = os.path.realpath(parent)
        if real in seen:  # a link back up, or two links to one folder
            folders.clear()
            continue
        seen.add(real)
        if ENVIRONMENTS in folders:
            folders.remove(ENVIRONMENTS)
            found.environments.append(Path(parent, ENVIRONMENTS))
        found.files += [Path(parent, name) for name in [*files, *folders] if _counts(name)]
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _counts(name))
    found.files.sort()
    return found


def _counts(name: str) -> bool:
    """Whether this is the name of a file of a configuration; a folder of such a name is a mistake to be told."""
    return name.endswith(SUFFIXES) and not name.startswith(".")
