"""Manifests as data with places, and a memory of what nobody asked for. Used by kubernetes and celery_beat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rota.configuration.parse import KeyPath, Places, find_places, parse
from rota.configuration.source import Source
from rota.importers.imported import Place
from rota.model.errors import ConfigurationError
from rota.model.problem import Problem, join_path

_NOTED_BY_SERVERS = {"apiVersion", "kind", "status", "creationTimestamp", "resourceVersion", "uid", "generation"}
_DOCUMENT = re.compile(r"^---(?=\s|$)[^\n]*", re.MULTILINE)


class _Memory:
    """The paths of all keys that were asked for in a document, and of everything that holds one of them."""

    def __init__(self) -> None:
        self.asked: set[KeyPath] = set()
        self.opened: set[KeyPath] = set()

    def add(self, path: KeyPath) -> None:
        self.asked.add(path)
        above = path[:-1]
        while above and above not in self.opened:
            self.opened.add(above)
            above = above[:-1]


class Manifest:
    """A mapping of a document; every key that is asked for is remembered, in a memory that its sections share."""

    def __init__(self, data: dict[str, Any], path: KeyPath, source: Source, places: Places, seen: _Memory) -> None:
        self.data = data
        self._path = path
        self._source = source
        self._places = places
        self._seen = seen

    def place(self, *key: str | int) -> Place:
        """Where the key stands, or the mapping itself without one."""
        path = (*self._path, *key)
        while path not in self._places and path:
            path = path[:-1]
        index = self._places[path][0] if path in self._places else 0
        return Place(self._source.name, self._source.position(index)[0])

    def has(self, key: str) -> bool:
        """Whether it says anything about the key."""
        self._seen.add((*self._path, key))
        return self.data.get(key) is not None

    def section(self, key: str) -> Manifest:
        """The mapping at the key. Raises `ConfigurationError` where there is none."""
        return self._below(self._get(key, dict, "a mapping", {}), key)

    def items(self, key: str) -> list[Manifest]:
        """The mappings of the list at the key."""
        return [self._below(item, key, index) for index, item in enumerate(self._get(key, list, "a list", []))]

    def texts(self, key: str) -> list[str]:
        """The list of texts at the key."""
        found: list[str] = self._get(key, list, "a list", [])
        for index, item in enumerate(found):
            if not isinstance(item, str):
                raise self._bad(f"{item!r} is not text", key, index)
        return found

    def text(self, key: str, *, required: bool = False) -> str:
        """The text at the key; nothing where there is none."""
        found: str = self._get(key, str, "text", "")
        if required and not found:
            raise self._bad(f"{key} is missing", key)
        return found

    def number(self, key: str, otherwise: int) -> int:
        """The whole number at the key."""
        found: int = self._get(key, int, "a whole number", otherwise)
        if found < 0:
            raise self._bad(f"{found} is negative", key)
        return found

    def flag(self, key: str) -> bool:
        """Whether the key is true."""
        found: bool = self._get(key, bool, "true or false", False)
        return found

    def leftovers(self) -> Iterator[tuple[Place, str]]:
        """What nobody asked for: the outermost keys that were not read."""
        for path in _unread(self.data, self._path, self._seen):
            yield self.place(*path[len(self._path) :]), f"{join_path(path[len(self._path) :])} has no counterpart"

    def _get(self, key: str, kind: type, expected: str, otherwise: Any) -> Any:
        if not self.has(key):
            return otherwise
        value = self.data[key]
        if type(value) is not kind:
            raise self._bad(f"{key} is {value!r}: expected {expected}", key)
        return value

    def _below(self, data: Any, *key: str | int) -> Manifest:
        if not isinstance(data, dict):
            raise self._bad(f"{data!r} is not a mapping", *key)
        path = (*self._path, *key)
        self._seen.add(path)
        self._seen.opened.add(path)
        return Manifest(data, path, self._source, self._places, self._seen)

    def _bad(self, message: str, *key: str | int) -> ConfigurationError:
        return ConfigurationError([self.place(*key).bad(message, path=join_path((*self._path, *key)))])


def manifests(source: Source, problems: list[Problem]) -> Iterator[Manifest]:
    """Every object of every document, those of a list or a List one by one; what cannot be read becomes problems."""
    for document in _documents(source):
        parsed = parse(document)
        problems += parsed.problems
        data = parsed.data
        if parsed.problems or data is None:
            continue
        inside = _Document(document, find_places(document), _Memory())
        if isinstance(data, list):
            yield from inside.each(data, (), problems)
        elif isinstance(data, dict) and isinstance(data.get("items"), list):
            kind = str(data.get("kind") or "").removesuffix("List")
            items = [{"kind": kind, **item} if kind and isinstance(item, dict) else item for item in data["items"]]
            yield from inside.each(items, ("items",), problems)
        elif isinstance(data, dict):
            yield inside.manifest(data, ())
        else:
            problems.append(inside.manifest({}, ()).place().bad("a document that is neither a mapping nor a list"))


@dataclass(frozen=True, slots=True)
class _Document:
    source: Source
    places: Places
    seen: _Memory

    def manifest(self, data: dict[str, Any], path: KeyPath) -> Manifest:
        return Manifest(data, path, self.source, self.places, self.seen)

    def each(self, items: list[Any], path: KeyPath, problems: list[Problem]) -> Iterator[Manifest]:
        for index, item in enumerate(items):
            here = (*path, index)
            if isinstance(item, dict):
                yield self.manifest(item, here)
            else:
                where = self.manifest({}, here).place()
                problems.append(where.bad(f"{item!r} is not a mapping", path=join_path(here)))


def _documents(source: Source) -> Iterator[Source]:
    """The documents, each behind as many empty lines as stand above it: so lines keep their numbers."""
    begin = 0
    for match in [*_DOCUMENT.finditer(source.text), None]:
        end = match.start() if match else len(source.text)
        yield Source(source.path, "\n" * source.text.count("\n", 0, begin) + source.text[begin:end])
        begin = match.end() if match else end


def _unread(value: Any, path: KeyPath, seen: _Memory) -> Iterator[KeyPath]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value or ())
    for key, inner in pairs:
        below = (*path, key)
        if below in seen.opened:
            yield from _unread(inner, below, seen)
        elif below not in seen.asked and key not in _NOTED_BY_SERVERS:
            yield below
