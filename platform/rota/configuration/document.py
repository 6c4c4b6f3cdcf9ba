"""A parsed file: its data, and where each value of it stands. And the collector that problems are put into.

A file with an overlay over it is a document too, some of whose values stand in the overlay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from rota.configuration.codes import Code
from rota.configuration.parse import KeyPath, Places, find_places
from rota.configuration.source import Source
from rota.configuration.variables import named_in
from rota.model.problem import Problem, Severity, join_path


class Place(msgspec.Struct, frozen=True):
    """A character of a file."""

    source: Source
    index: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.source.position(self.index)[0]}"

    def moved(self, problem: Problem) -> Problem:
        """The same problem, shown here."""
        here = self.source.problem(self.index, problem.code, problem.message, path=problem.path, hint=problem.hint)
        return replace(here, expected=problem.expected, severity=problem.severity)


@dataclass(eq=False)
class Document:
    """One file's data. Places are found by a second reading, the first time that one is asked for.

    `damaged` holds the paths of values that could not be read as they were meant.
    """

    source: Source
    data: dict[str, Any]
    damaged: AbstractSet[KeyPath] = frozenset()

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files that its values stand in."""
        return (self.name,)

    def locate(self, path: KeyPath, *, at_key: bool = False) -> Place:
        """Where the value at `path` stands, or its key; or else the nearest value around it.

        A value has none when it is not there, or when it stands for an alias.
        """
        while path not in self._places and path:
            path = path[:-1]
        key, value = self._places.get(path, (0, 0))
        return Place(self.source, key if at_key else value)

    def variables_at(self, path: KeyPath) -> list[str]:
        """The variables that the single value at `path` was filled in with."""
        if path not in self._places or not _is_single(self.data, path):
            return []
        written = _SINGLE_VALUE.match(self.source.text, self._places[path][1])
        return named_in(written[0]) if written else []

    @cached_property
    def _places(self) -> Places:
        return find_places(self.source)


@dataclass(eq=False)
class Overlaid(Document):
    """A file with an overlay over it; `source` is the file's.

    The values at and below the `replaced` paths stand in the `overlay`. Where it removed something, `removed` has the
    path of the mapping, and with it that of what is gone.
    """

    overlay: Document = field(kw_only=True)
    replaced: AbstractSet[KeyPath] = field(kw_only=True)
    removed: Mapping[KeyPath, KeyPath] = field(kw_only=True)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, self.overlay.name)

    def locate(self, path: KeyPath, *, at_key: bool = False) -> Place:
        """As for any document. What is wrong with a mapping is, where the overlay took from it, what it took."""
        if self._is_replaced(path):
            return self.overlay.locate(path, at_key=at_key)
        if path in self.removed:
            return self.overlay.locate(self.removed[path], at_key=True)
        return super().locate(path, at_key=at_key)

    def variables_at(self, path: KeyPath) -> list[str]:
        return self.overlay.variables_at(path) if self._is_replaced(path) else super().variables_at(path)

    def _is_replaced(self, path: KeyPath) -> bool:
        return any(path[:length] in self.replaced for length in range(len(path) + 1))


class Findings(msgspec.Struct):
    """Collects the problems of one configuration.

    Those of a part of it are collected `within` what was found before, and then included.
    """

    problems: list[Problem] = msgspec.field(default_factory=list)
    within: Findings | None = None
    _paths: dict[int, tuple[KeyPath, ...]] = msgspec.field(default_factory=dict)
    """Of the problems that were found at a value, by their index: where that is, and what else each rests on."""
    _found_at: set[tuple[str, KeyPath]] = msgspec.field(default_factory=set)
    _found_in: set[tuple[str, KeyPath]] = msgspec.field(default_factory=set)

    def add(
        self,
        document: Document,
        path: KeyPath,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        expected: str | None = None,
        severity: Severity = "error",
        at_key: bool = False,
        rests_on: Sequence[KeyPath] = (),
    ) -> None:
        """Add a problem with the value at `path`, or with its key; other values could be what makes it one."""
        place = document.locate(path, at_key=at_key)
        self._found_at.add((document.name, path))
        self._found_in.update((document.name, path[:length]) for length in range(len(path) + 1))
        self._paths[len(self.problems)] = (path, *rests_on)
        if not at_key or code == Code.TYPE:  # the value is what is wrong, perhaps that there is none
            message += _filled_in(document.variables_at(path))
        problem = place.source.problem(place.index, code, message, path=join_path(path), hint=hint)
        self.problems.append(replace(problem, expected=expected, severity=severity))

    def extend(self, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)

    def apart(self) -> Findings:
        """The same, without what was found before: it is to be included elsewhere, too."""
        return replace(self, within=None)

    def include(self, part: Findings) -> None:
        """Everything that was found in a part."""
        if not part.problems:
            return
        self._paths |= {len(self.problems) + index: paths for index, paths in part._paths.items()}
        self.problems.extend(part.problems)
        self._found_at |= part._found_at
        self._found_in |= part._found_in

    def blame(self, overlay: Document, without: Findings) -> None:
        """Show what is wrong only with the overlay at what the overlay says, where it stands in another file."""
        known = {(problem.code, problem.path, problem.message) for problem in without.problems}
        for index, (path, *others) in self._paths.items():
            problem = self.problems[index]
            if problem.file != overlay.name and (problem.code, problem.path, problem.message) not in known:
                cause = next((other for other in others if _says(overlay.data, other)), None)
                nearest = cause or _nearest(overlay.data, path)
                if nearest is None:
                    message = f"{problem.message}, with {overlay.name} over it"
                    self.problems[index] = replace(problem, message=message)
                else:
                    hint = _way_back(problem, path, removable=cause is None)
                    self.problems[index] = overlay.locate(nearest, at_key=True).moved(replace(problem, hint=hint))

    def has(self, document: Document, path: KeyPath) -> bool:
        """Whether there is a problem at `path` itself."""
        if self.within is not None and self.within.has(document, path):
            return True
        return any((name, path) in self._found_at for name in document.names)

    def covers(self, document: Document, path: KeyPath) -> bool:
        """Whether there is a problem already at `path`, around it or inside it: a second one would only echo it."""
        if self.within is not None and self.within.covers(document, path):
            return True
        return path in document.damaged or any(self._covers(name, path) for name in document.names)

    def _covers(self, name: str, path: KeyPath) -> bool:
        around = ((name, path[:length]) for length in range(len(path)))
        return (name, path) in self._found_in or any(place in self._found_at for place in around)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


_SINGLE_VALUE: Final = re.compile(
    r""" "[^"\\]*(?:\\.[^"\\]*)*" | '[^']*(?:''[^']*)*' | (?:\$\{[^}\n]*\}|(?!\ \#)[^,\]}\n])* """,
    re.VERBOSE | re.DOTALL,
)
"""A value as it is written: in quotes of either kind, or up to what may end it between brackets, or to a comment."""


def _is_single(data: Any, path: KeyPath) -> bool:
    """Whether the value at `path` is there, and neither a mapping nor a list."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return not isinstance(data, dict | list)


def _filled_in(variables: Sequence[str]) -> str:
    """Whoever set a variable looks for its name, not for the line that it stands in."""
    return f" (filled in: {', '.join(f'${{{name}}}' for name in variables)})" if variables else ""


def _way_back(problem: Problem, path: KeyPath, *, removable: bool) -> str | None:
    """The hint of a problem that is shown in an overlay: where the value stands, and how an overlay removes it."""
    if len(path) < 3 or not isinstance(path[-1], str):  # a job, or an item of a list
        return problem.hint
    stands = f"{path[-1]} stands in {problem.file}:{problem.line}"
    if removable:
        stands += f", and an overlay removes it with {path[-1]}: null"
    return f"{stands}; {problem.hint}" if problem.hint else stands


def _says(overlay: Any, path: KeyPath) -> bool:
    """Whether the overlay says something at `path`, or removes or replaces what is around it."""
    for key in path:
        if not isinstance(overlay, dict):
            return True
        if key not in overlay:
            return False
        overlay = overlay[key]
    return True


def _nearest(overlay: Any, path: KeyPath) -> KeyPath | None:
    """What the overlay says nearest to `path`: in the same mapping of the header or of a job, or of the same job."""
    if not path:
        return None
    value, common = overlay, 0
    while common < len(path) and isinstance(value, dict) and path[common] in value:
        value = value[path[common]]
        common += 1
    if common < (2 if path[0] == "jobs" else 1):
        return None
    inside = path[:common]
    while common != 2 and isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        inside = (*inside, key)
    return inside
