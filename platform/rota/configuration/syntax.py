"""Syntax errors of the YAML library as problems: its place, its words where they are plain, and a hint."""

from __future__ import annotations

import re
from typing import Any, Final

from rota.configuration.codes import Code
from rota.configuration.source import Source
from rota.configuration.variables import SIGN
from rota.model.problem import Problem

_UNPRINTABLE: Final = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_HINTS: Final = (
    ("mapping values are not allowed", "a text that holds ': ' needs quotes, or the line before lacks its colon"),
    ("did not find expected key", "check the indentation: keys of one mapping start in one column"),
    ("expected <block end>", "check the indentation: keys of one mapping start in one column"),
    ("could not find expected ':'", "a key ends with a colon and a space"),
    ("did not find expected node content", "a value is missing, or a bracket is not closed"),
    ("<document start>", "nothing may follow the value that is the whole file"),
    ("alphabetic or numeric character", "a text that starts with & or * needs quotes"),
    ("unknown escape character", "a backslash stands for itself in single quotes"),
    ("invalid Unicode character escape code", "a character beyond U+FFFF is written as \\U and eight digits"),
    ("incompatible YAML document", "leave the line %YAML out"),
    ("found a tab character", "use spaces"),
    ("did not find expected '-' indicator", "the items of one list start in one column, each with '- '"),
)
_STARTS_NO_VALUE: Final = "@`%"


def syntax_problem(source: Source, error: Any) -> Problem:
    """The problem that `error`, raised by the YAML library for `source`, stands for."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _unprintable(source)
    index, message = mark.index, error.problem or "is not YAML"
    if index > 0 and source.text[index - 1 : index + 1] == SIGN:
        message, hint = "a text with ${...} in a list or mapping of one line", "put the whole text in quotes"
        return source.problem(index - 1, Code.YAML_SYNTAX, message, hint=hint)
    context = getattr(error, "context_mark", None)
    if context is not None and "quoted scalar" in error.context and "end of stream" in message:
        return source.problem(context.index, Code.YAML_SYNTAX, "this text in quotes does not end")
    if context is not None and error.context.endswith(("flow sequence", "flow mapping")):
        # The bracket that is never closed says more than the place where the reader gave up.
        what = "list" if "sequence" in error.context else "mapping"
        return source.problem(
            context.index, Code.YAML_SYNTAX, f"this {what} is not closed, or a comma is missing in it: {message}"
        )
    # At the end of the file, what is missing is missing behind the last thing that is there.
    return _worded(source, min(index, len(source.text.rstrip())), message)


def _worded(source: Source, index: int, message: str) -> Problem:
    character = source.text[index : index + 1]
    hint = next((hint for words, hint in _HINTS if words in message), None)
    if "cannot start any token" in message:
        if character == "\t":
            message, hint = "a tab cannot indent", "use spaces"
        elif character in _STARTS_NO_VALUE:
            message, hint = f"a value cannot start with {character}", "put the value in quotes"
    return source.problem(index, Code.YAML_SYNTAX, message, hint=hint)


def _unprintable(source: Source) -> Problem:
    match = _UNPRINTABLE.search(source.text)
    index = match.start() if match else 0
    character = source.text[index : index + 1]
    return source.problem(
        index, Code.YAML_SYNTAX, f"the control character U+{ord(character or ' '):04X} is not allowed", hint="remove it"
    )
