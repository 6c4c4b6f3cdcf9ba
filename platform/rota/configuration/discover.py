"""Which files belong to which configuration.

A file is a configuration of its own. A folder is one too, with all YAML files in it at any depth, unless it holds no
YAML file itself and each of its sub-folders holds a header: then each of these is looked at in the same way.
Its folder `environments` holds overlays, of which one may be asked for by its name.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rota.configuration.codes import Code
from rota.configuration.document import Document
from rota.configuration.files import File, ReadFile, read_file
from rota.configuration.source import shown, unreadable
from rota.configuration.wording import closest
from rota.model.problem import Problem

SUFFIXES = (".yaml", ".yml")
ENVIRONMENTS = "environments"
"""The folder of overlays, directly in a configuration's folder."""


@dataclass
class Group:
    """The files of one configuration, read and parsed. `root` is its folder or file as the user named it.

    `overlay` is what the environment that was asked for says, None where it says nothing or cannot be read.
    """

    root: Path
    files: list[Path] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    overlay: Document | None = None


@dataclass
class _Found:
    """What lies below a folder: the YAML files, and the folders of overlays."""

    files: list[Path] = field(default_factory=list)
    environments: list[Path] = field(default_factory=list)


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
        named = {path: path.stem for path in _overlays(folder)}
        chosen = [path for path, name in named.items() if name == environment]
        for second in chosen[1:]:
            message = f"is a second overlay for {environment}, beside {shown(chosen[0])}"
            group.problems.append(Problem(message=message, code=Code.OVERLAY_TWICE, file=shown(second)))
        if chosen:
            overlay = read(chosen[0])
            group.overlay = overlay.document
            group.files.append(overlay.path)
            group.problems += overlay.problems
        else:
            group.problems.append(_no_overlay(folder, environment, sorted(set(named.values()))))


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
