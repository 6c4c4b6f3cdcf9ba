"""Files of configurations, read and parsed. Used by discover; a loader keeps what it read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from rota.configuration.codes import Code
from rota.configuration.document import Document
from rota.configuration.parse import parse
from rota.configuration.source import Source, decode, read_content
from rota.configuration.variables import Variables
from rota.model.problem import Problem

_HEADER = re.compile(r"^configuration\s*:", re.MULTILINE)


class File(msgspec.Struct, frozen=True):
    """What became of one file; `document` is None if it could not be read."""

    path: Path
    document: Document | None
    problems: Sequence[Problem]
    holds_header: bool = False


ReadFile: TypeAlias = Callable[[Path], File]


def read_file(path: Path, variables: Variables | None = None) -> File:
    """Read and parse a file, `variables` filled in."""
    content = read_content(path)
    return File(path, None, [content]) if isinstance(content, Problem) else _parsed(path, content, variables)


class _Kept(NamedTuple):
    """A file as it was parsed before, and what it used of the variables."""

    content: bytes
    file: File
    used: Variables
    filled: int


class Files:
    """Reads files again and again, and parses those that hold something else than before.

    Every file is read each time: that costs little, and neither times nor sizes of files tell for sure what changed.
    """

    def __init__(self) -> None:
        self._kept: dict[Path, _Kept] = {}
        self._variables = Variables({})

    def reader(self, variables: Variables | None) -> ReadFile:
        """What reads the files of one load."""
        mine = variables or Variables({})
        if not mine.has_same_values(self._variables):
            self._kept.clear()
        self._variables = mine
        before, self._kept = self._kept, {}

        def read_again(path: Path) -> File:
            content = read_content(path)
            if isinstance(content, Problem):
                return File(path, None, [content])
            kept = before.get(path)
            if kept is None or kept.content != content or not mine.has_room(kept.filled):
                used = mine.apart()
                file = _parsed(path, content, None if variables is None else used)
                kept = _Kept(content, file, used, used.filled - mine.filled)
            mine.include(kept.used, kept.filled)
            if mine.has_room(0):  # else it was cut short, and by what stands in other files
                self._kept[path] = kept
            return kept.file

        return read_again

    @property
    def contents(self) -> Mapping[Path, bytes]:
        """What the files of the last load held."""
        return {path: kept.content for path, kept in self._kept.items()}


def _parsed(path: Path, content: bytes, variables: Variables | None) -> File:
    source = decode(path, content)
    if isinstance(source, Problem):
        return File(path, None, [source])
    parsed = parse(source, variables)
    if isinstance(parsed.data, dict):
        document = Document(source, parsed.data, parsed.damaged)
        return File(path, document, parsed.problems, "configuration" in parsed.data)
    # A slip in a header does not turn its folder into a part of something else.
    looks_like_header = _HEADER.search(source.text) is not None
    return File(path, None, parsed.problems or [_no_mapping(source, parsed.data)], looks_like_header)


def _no_mapping(source: Source, data: object) -> Problem:
    hint = "start with the line: rota: 1"
    if data is None:
        return source.problem(0, Code.FILE_EMPTY, "is empty", hint=hint)
    return source.problem(0, Code.TYPE, "is not a mapping of keys to values", hint=hint)
