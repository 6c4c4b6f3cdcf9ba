"""Syntax errors of the YAML library as problems: its place, its words where they are plain, and a hint."""

from __future__ import annotations

import re
from typing import Any, Final

from rota.configuration.codes import Code
from rota.configuration.source import Source
from rota.configuration.variables import SIGN
from rota.model.problem import Problem

_UNPRINTABLE: Final = "[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Compiled when a file is wrong: that takes 3 ms, a fiftieth of a short command."""

_HINTS: Final = (
    ("mapping values are not allowed", "a text that holds ': ' needs quotes, or the line before lacks its colon"),
    ("did not find expected key", "check the indentation: keys of one mapping start in one column"),
    ("expected <block end>", "check the indentation: keys of one mapping start in one column"),
    ("could not find expected ':'", "a key ends with a colon and a space"),
    ("did not find expected node content", "a value is missing, or a bracket is not closed"),
    ("<document start>", "nothing may follow the value that is the whole file"),
    ("alphabetic or numeric character", "a text that starts with & or * needs quotes"),
    ("unknown escape character", "a backslash stands for itself in single quotes"),
    ("hexdecimal number", "a backslash stands for itself in single quotes"),
    ("invalid Unicode character escape code", "a character beyond U+FFFF is written as \\U and eight digits"),
    ("incompatible YAML document", "leave the line %YAML out"),
    ("found a tab character", "use spaces"),
    ("did not find expected '-' indicator", "the items of one list start in one column, each with '- '"),
)
_STARTS_NO_VALUE: Final = "@`%"

_CONFLICT: Final = re.compile("^<{7} ", re.MULTILINE)
"""How git marks the first of two sides that it could not merge."""

_NO_SPACE: Final = re.compile(r"\s*(?:- )*[\w-]+:(?=[^\s:])")
"""A line that begins with a key and a colon, and goes on without the space that would make it one."""


def syntax_problem(source: Source, error: Any) -> Problem:
    """The problem that `error`, raised by the YAML library for `source`, stands for."""
    if getattr(error, "problem_mark", None) is None:
        return _unprintable(source)
    index, message = error.problem_mark.index, error.problem or "is not YAML"
    return (
        _merge_conflict(source)
        or _bare_variable(source, index)
        or _begun_before(source, error)
        or _no_token(source, index, message)
        # At the end of the file, what is missing is missing behind the last thing that is there.
        or _worded(source, min(index, len(source.text.rstrip())), message)
    )


def _merge_conflict(source: Source) -> Problem | None:
    conflict = _CONFLICT.search(source.text)
    if conflict is None:
        return None
    message, hint = "a merge conflict that is not resolved", "keep one of the two sides, and none of git's marks"
    return source.problem(conflict.start(), Code.YAML_SYNTAX, message, hint=hint)


def _bare_variable(source: Source, index: int) -> Problem | None:
    if index == 0 or source.text[index - 1 : index + 1] != SIGN:
        return None
    message = "a text with ${...} in a list or mapping of one line"
    hint = "put the whole text in quotes; a number, or true or false, needs a line of its own instead"
    return source.problem(index - 1, Code.YAML_SYNTAX, message, hint=hint)


def _begun_before(source: Source, error: Any) -> Problem | None:
    """What begins and does not end: where it begins says more than the place where the reader gave up."""
    if getattr(error, "context_mark", None) is None:
        return None
    begin, context, message = error.context_mark.index, error.context, error.problem
    if "quoted scalar" in context and "end of stream" in message:
        return source.problem(begin, Code.YAML_SYNTAX, "this text in quotes does not end")
    if context.endswith(("flow sequence", "flow mapping")):
        what = "list" if "sequence" in context else "mapping"
        message = f"this {what} is not closed, or a comma is missing in it: {message}"
        return source.problem(begin, Code.YAML_SYNTAX, message)
    return _worded(source, begin, message) if "simple key" in context else None


def _no_token(source: Source, index: int, message: str) -> Problem | None:
    if "cannot start any token" not in message:
        return None
    character, hint = source.text[index], None
    if character == "\t":
        message, hint = "a tab cannot indent", "use spaces"
    elif character in _STARTS_NO_VALUE:
        message, hint = f"a value cannot start with {character}", "put the value in quotes"
    return source.problem(index, Code.YAML_SYNTAX, message, hint=hint)


def _worded(source: Source, index: int, message: str) -> Problem:
    if "mapping values are not allowed" in message and (colon := _lonely_colon(source, index)) is not None:
        return source.problem(colon, Code.YAML_SYNTAX, "a space is missing behind this colon")
    if "did not find expected key" in message and source.text[index : index + 1] in {"]", "}"}:
        return source.problem(index, Code.YAML_SYNTAX, "this bracket closes nothing", hint="remove it")
    hint = next((hint for words, hint in _HINTS if words in message), None)
    return source.problem(index, Code.YAML_SYNTAX, message, hint=hint)


def _lonely_colon(source: Source, index: int) -> int | None:
    """Where the line before misses a space: without it, its key and value are one text that goes on below."""
    before = source.text.rfind("\n", 0, index)
    match = _NO_SPACE.match(source.text, source.text.rfind("\n", 0, max(before, 0)) + 1, max(before, 0))
    return match.end() - 1 if match else None


def _unprintable(source: Source) -> Problem:
    match = re.search(_UNPRINTABLE, source.text)
    index = match.start() if match else 0
    character = source.text[index : index + 1]
    return source.problem(
        index, Code.YAML_SYNTAX, f"the control character U+{ord(character or ' '):04X} is not allowed", hint="remove it"
    )
