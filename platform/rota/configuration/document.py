"""A parsed file: its data, and where each value of it stands. And the collector that problems are put into."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rota.configuration.parse import KeyPath, Places, find_places
from rota.configuration.source import Source
from rota.model.problem import Problem, Severity, join_path


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

    def locate(self, path: KeyPath, *, at_key: bool = False) -> int:
        """The character index of the value at `path` or of its key; of the nearest value around it if it has none.

        A value has none when it is not there, or when it stands for an alias.
        """
        while path not in self._places and path:
            path = path[:-1]
        key, value = self._places.get(path, (0, 0))
        return key if at_key else value

    def line(self, path: KeyPath) -> int:
        """The line, from 1, of the key at `path`."""
        return self.source.position(self.locate(path, at_key=True))[0]

    @cached_property
    def _places(self) -> Places:
        return find_places(self.source)


@dataclass
class Findings:
    """Collects the problems of one configuration."""

    problems: list[Problem] = field(default_factory=list)
    _found_at: set[tuple[str, KeyPath]] = field(default_factory=set)
    _found_in: set[tuple[str, KeyPath]] = field(default_factory=set)

    def add(
        self,
        document: Document,
        path: KeyPath,
        code: str,
        message: str,
        *,
        hint: str | None = None,
        severity: Severity = "error",
        at_key: bool = False,
    ) -> None:
        """Add a problem with the value at `path`, or with its key."""
        index = document.locate(path, at_key=at_key)
        line, column = document.source.position(index)
        self._found_at.add((document.name, path))
        self._found_in.update((document.name, path[:length]) for length in range(len(path) + 1))
        self.problems.append(
            Problem(
                message=message,
                code=str(code),
                file=document.name,
                line=line,
                column=column,
                path=join_path(path),
                hint=hint,
                severity=severity,
                source=document.source.line(index),
            )
        )

    def extend(self, problems: Iterable[Problem]) -> None:
        self.problems.extend(problems)

    def covers(self, document: Document, path: KeyPath) -> bool:
        """Whether there is a problem already at `path`, around it or inside it: a second one would only echo it."""
        around = ((document.name, path[:length]) for length in range(len(path)))
        return (document.name, path) in self._found_in or any(place in self._found_at for place in around)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)
