"""What lies in the folders that are followed: files of configurations and of code, each with what tells a change.

Used by the reloader, which compares what it sees with what it saw. Only files that count are looked at: YAML below the
configurations, Python in packages below the import path; nothing hidden, and no virtual environment.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rota.configuration.discover import SUFFIXES

CODE_SUFFIX = ".py"

_NO_PACKAGES = ("node_modules", "__pycache__")

Signature = tuple[int, ...]
"""Device, inode, size and times of a file: when one of them changes, its content may have."""


@dataclass
class Survey:
    """`folders` are those, with all links resolved, in which a change would show.

    Where something is missing, that is the folder in which it would appear.
    """

    configuration: dict[str, Signature] = field(default_factory=dict)
    code: dict[str, Signature] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)


def survey(paths: Sequence[Path], import_path: Sequence[str] = ()) -> Survey:
    """Look at the configurations that `paths` name, and at the code in the folders of `import_path`."""
    seen = Survey()
    for path in paths:
        root = os.path.abspath(path)  # noqa: PTH100 - a Path would resolve nothing, and cost more
        _note_way(root, seen.folders)
        if os.path.isdir(root):  # noqa: PTH112 - as above
            _note_files(root, SUFFIXES, seen.configuration, seen.folders)
        else:
            _note_file(root, seen.configuration, seen.folders)
    for folder in import_path:
        _note_way(folder, seen.folders)
        _note_files(folder, (CODE_SUFFIX,), seen.code, seen.folders)
    return seen


def _note_way(path: str, folders: set[str]) -> None:
    """The folders in which `path`, or the links that lead to it, would be made anew."""
    for way in {path, os.path.realpath(path)}:
        parent = os.path.dirname(way)  # noqa: PTH120
        while not os.path.isdir(parent):  # noqa: PTH112
            parent = os.path.dirname(parent)  # noqa: PTH120
        folders.add(os.path.realpath(parent))


def _note_files(root: str, suffixes: tuple[str, ...], files: dict[str, Signature], folders: set[str]) -> None:
    for folder, names in _walk(root, is_code=suffixes == (CODE_SUFFIX,)):
        folders.add(os.path.realpath(folder))
        for name in names:
            if name.endswith(suffixes) and not name.startswith("."):
                _note_file(os.path.join(folder, name), files, folders)  # noqa: PTH118 - ten times as fast as a Path


def _note_file(path: str, files: dict[str, Signature], folders: set[str]) -> None:
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            _note_way(path, folders)
        facts = os.stat(path)  # noqa: PTH116
    except OSError:
        files[path] = ()  # it is gone, or a link to nowhere: that is a fact about it, too
    else:
        files[path] = (facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def _walk(root: str, *, is_code: bool) -> Iterator[tuple[str, list[str]]]:
    seen: set[str] = set()
    for folder, below, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen or (is_code and folder != root and "pyvenv.cfg" in files):
            below.clear()
            continue
        seen.add(real)
        below[:] = [name for name in below if _is_followed(name, is_code=is_code)]
        yield folder, files


def _is_followed(name: str, *, is_code: bool) -> bool:
    """Packages have names that can be written in an import; among configurations any folder counts."""
    return name.isidentifier() and name not in _NO_PACKAGES if is_code else not name.startswith(".")
