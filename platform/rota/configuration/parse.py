"""YAML text to plain data, by the rules of YAML 1.2's core schema: the one door to the YAML library.

It reads the parser's events in a single loop, with a stack of open collections instead of recursion. Against
`yaml.CSafeLoader`, which builds a node and two marks for each value and resolves it by YAML 1.1, this takes about half
the time. Where a value stands is remembered only when asked for (`places`): most files are never asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from rota.configuration.anchors import Anchors
from rota.configuration.codes import Code
from rota.configuration.scalars import TagError, check_collection_tag, core_value, tagged_value
from rota.configuration.source import Source
from rota.configuration.syntax import syntax_problem
from rota.configuration.variables import SIGN, VariableError, Variables
from rota.model.problem import Problem, join_path

KeyPath = tuple[str | int, ...]
Places = dict[KeyPath, tuple[int, int]]
"""For each path the character indexes of its key and its value (the same in a list)."""

MAX_DEPTH: Final = 64
MAX_TEXT: Final = 1_000_000
"""Characters of one value."""

MAX_PROBLEMS: Final = 50_000
"""Of one file and one depth of checking. More tell nobody anything, and take minutes and gigabytes to find."""

TOO_MANY: Final = f"has more than {MAX_PROBLEMS:,} problems; these are some of them"

_NO_KEY: Final = object()


class Parsed(msgspec.Struct):
    """The data of one file, and what is wrong with its text.

    `data` is None for a file without content, and for one that could not be read to its end. `damaged` holds the paths
    of values that are not what was meant, so that nobody judges them again.
    """

    data: Any = None
    problems: list[Problem] = msgspec.field(default_factory=list)
    damaged: set[KeyPath] = msgspec.field(default_factory=set)


def parse(source: Source, variables: Variables | None = None) -> Parsed:
    """The data of `source` with every problem found; a syntax error ends the reading, other problems do not.

    `variables` are filled in; without them, texts stay as they are.
    """
    return _Reader(source, None, variables).read()


def find_places(source: Source) -> Places:
    """Where every value of `source` stands, as far as it can be read."""
    places: Places = {}
    _Reader(source, places).read()
    return places


class _Fatal(Exception):
    """Reading cannot go on; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Open:
    """A collection whose end has not come yet; `last` is the key or index of the value that is being read."""

    __slots__ = ("anchor", "counted", "items", "key", "key_index", "last")

    def __init__(self, items: Any, anchor: str | None, counted: int) -> None:
        self.items = items
        self.anchor = anchor
        self.counted = counted
        self.key: Any = _NO_KEY
        self.key_index = 0
        self.last: str | int = 0 if type(items) is list else ""


class _Reader:
    """One pass over one file's events."""

    def __init__(self, source: Source, places: Places | None, variables: Variables | None = None) -> None:
        self._source = source
        self._places = places
        self._parsed = Parsed()
        self._stack: list[_Open] = []
        self._anchors = Anchors()
        self._count = 0
        self._second_reading: Places | None = None
        self._variables = variables if SIGN in source.text else None
        self._check_length = len(source.text) > MAX_TEXT

    def read(self) -> Parsed:
        import yaml

        try:
            self._read(_events(self._source.text))
        except _Fatal as fatal:
            return self._cut_short(fatal.problem)
        except yaml.YAMLError as error:
            return self._cut_short(syntax_problem(self._source, error))
        return self._parsed

    def _cut_short(self, problem: Problem) -> Parsed:
        """Without the data so far: what is missing from it would only look like further problems."""
        self._parsed.problems.append(problem)
        self._parsed.data = None
        return self._parsed

    def _read(self, events: Iterator[Any]) -> None:
        import yaml

        scalar, alias = yaml.ScalarEvent, yaml.AliasEvent
        mapping, sequence = yaml.MappingStartEvent, yaml.SequenceStartEvent
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        documents = 0
        for event in events:
            kind = type(event)
            if kind is scalar:
                self._put(self._scalar(event), event)
            elif kind is mapping:
                self._open({}, event)
            elif kind is sequence:
                self._open([], event)
            elif kind in ends:
                self._close()
            elif kind is alias:
                self._put(self._alias(event), event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    message, hint = "a second document; a file holds one", "split the file"
                    raise self._fatal(event, Code.YAML_DOCUMENTS, message, hint)

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if self._check_length and len(text) > MAX_TEXT:
            message = f"a value of {len(text):,} characters; the most is {MAX_TEXT:,}"
            self._problem(event.start_mark.index, Code.YAML_VALUE, message)
            return ""
        try:
            if self._variables is not None and not self._is_key():
                text = self._variables.fill(text)
            if event.tag is not None:
                value = tagged_value(text, event.tag)
            else:
                value = core_value(text) if event.implicit[0] else text
        except VariableError as error:
            self._problem(event.start_mark.index, error.code, str(error), error.hint)
            value = text
        except TagError as error:
            self._problem(event.start_mark.index, Code.YAML_TAG, str(error), error.hint)
            value = text
        except ValueError as error:
            if not self._is_key():  # as a key it is wrong already
                self._problem(event.start_mark.index, Code.YAML_VALUE, str(error), "put it in quotes if it is text")
            value = 0
        if event.anchor is not None:
            self._anchors.complete(event.anchor, value, 1)
        return value

    def _is_key(self) -> bool:
        """Whether the value that comes is a key of the innermost open collection."""
        return bool(self._stack) and type(self._stack[-1].items) is dict and self._stack[-1].key is _NO_KEY

    def _alias(self, event: Any) -> Any:
        try:
            value, size = self._anchors.unfold(event.anchor)
        except ValueError as error:
            raise self._fatal(event, Code.YAML_ALIAS, str(error)) from None
        self._count += size - 1
        return value

    def _open(self, items: Any, event: Any) -> None:
        if event.tag is not None:
            self._check_tag(items, event)
        self._put(items, event, opens=True)
        if len(self._stack) == MAX_DEPTH:
            raise self._fatal(event, Code.YAML_DEPTH, f"values are nested more than {MAX_DEPTH} deep", depth=4)
        if event.anchor is not None:
            self._anchors.open(event.anchor)
        self._stack.append(_Open(items, event.anchor, self._count))

    def _check_tag(self, items: Any, event: Any) -> None:
        try:
            check_collection_tag(event.tag, type(items))
        except TagError as error:
            self._problem(event.start_mark.index, Code.YAML_TAG, str(error), error.hint)

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.anchor is not None:
            self._anchors.complete(closed.anchor, closed.items, self._count - closed.counted + 1)
        self._item_done()

    def _put(self, value: Any, event: Any, *, opens: bool = False) -> None:
        """Give the value to the innermost open collection, as its next key, value or item.

        With `opens` it is a collection whose own values come next.
        """
        self._count += 1
        if not self._stack:
            self._parsed.data = value
            self._remember(event, event.start_mark.index)
            return
        top = self._stack[-1]
        if type(top.items) is list:
            top.items.append(value)
            self._remember(event, event.start_mark.index)
            if not opens:
                self._item_done()
        elif top.key is _NO_KEY:
            top.key, top.key_index = value, event.start_mark.index
            if type(value) is not str:
                self._bad_key(value, event)
            elif value == "<<" and getattr(event, "implicit", (False,))[0]:
                top.key = None  # no text: the value of a bad key is read and left out
                self._merge_key(event)
            else:
                top.last = value
        else:
            self._put_pair(top, value, event)

    def _put_pair(self, top: _Open, value: Any, event: Any) -> None:
        key, top.key = top.key, _NO_KEY
        if type(key) is not str:
            return
        if key in top.items:
            first = self._source.position(self._places_so_far()[self._path()][0])[0]
            self._problem(top.key_index, Code.YAML_DUPLICATE_KEY, f"the key {key!r} is in line {first} already")
        else:
            top.items[key] = value
            self._remember(event, top.key_index)

    def _item_done(self) -> None:
        """If the innermost open collection is a list, its next item is read from here on."""
        if self._stack and type(self._stack[-1].items) is list:
            self._stack[-1].last += 1  # type: ignore[operator]

    def _places_so_far(self) -> Places:
        if self._places is not None:
            return self._places
        if self._second_reading is None:
            self._second_reading = find_places(self._source)
        return self._second_reading

    def _bad_key(self, value: Any, event: Any) -> None:
        mapping = self._path()[:-1]
        if type(value) in {dict, list}:
            message, hint = "a list or mapping cannot be a key", "put it in quotes if it is text, such as {{ name }}"
            self._parsed.damaged.add(mapping)
        else:
            text = getattr(event, "value", None) or "null"
            message, hint = f"the key {text} is not text", f'write "{text}"'
        self._add(mapping, event.start_mark.index, Code.YAML_KEY_TYPE, message, hint)

    def _merge_key(self, event: Any) -> None:
        mapping, message = self._path()[:-1], "the merge key << is not part of YAML 1.2"
        hint = "use configuration.defaults, or an alias for a whole value"
        self._add(mapping, event.start_mark.index, Code.YAML_MERGE_KEY, message, hint)
        self._parsed.damaged.add(mapping)

    def _remember(self, event: Any, key_index: int) -> None:
        if self._places is not None:
            self._places.setdefault(self._path(), (key_index, event.start_mark.index))

    def _path(self) -> KeyPath:
        """The path of the value that is being read."""
        return tuple(collection.last for collection in self._stack)

    def _problem(self, index: int, code: Code, message: str, hint: str | None = None) -> None:
        self._add(self._path(), index, code, message, hint)
        self._parsed.damaged.add(self._path())

    def _add(self, path: KeyPath, index: int, code: Code, message: str, hint: str | None) -> None:
        self._parsed.problems.append(self._source.problem(index, code, message, path=join_path(path), hint=hint))
        if len(self._parsed.problems) == MAX_PROBLEMS:
            raise _Fatal(self._source.problem(index, Code.TOO_MANY, TOO_MANY))

    def _fatal(
        self, event: Any, code: Code, message: str, hint: str | None = None, *, depth: int | None = None
    ) -> _Fatal:
        path = join_path(self._path()[:depth])
        return _Fatal(self._source.problem(event.start_mark.index, code, message, path=path, hint=hint))


def _events(text: str) -> Iterator[Any]:
    """The parser's events: libyaml's where PyYAML was built with it, else the slower ones of pure Python."""
    import yaml

    loader = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
    return iter(loader.get_event, None)  # `yaml.parse` asks for each event whether there is one, too
