"""Problems of a configuration, shown like a compiler's: place, path, message, the line with a caret, a hint."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from rota.cli import output
from rota.cli.terminal import columns
from rota.cli.visible import blank, shortened, visible
from rota.model.problem import Problem

_INDENT = "    "

MOST = 50
"""Problems that are shown as text: nobody reads more at once, and most of them tend to be the same slip."""


def show(problems: Iterable[Problem]) -> None:
    """The problems, on stderr; of very many the first errors, and how many more there are."""
    found = list(problems)
    if len(found) <= MOST:
        _show_all(found)
        return
    _show_all(sorted(found, key=lambda problem: problem.severity != "error")[:MOST])
    codes = Counter(problem.code for problem in found)
    output.note(f"and {len(found) - MOST:,} more problems; `rota validate --format json` has all of them:")
    for code, count in codes.most_common():
        output.note(f"  {count:>8,}  {code}")


def _show_all(problems: Iterable[Problem]) -> None:
    for problem in problems:
        for line in lines(problem):
            output.note(line)


def lines(problem: Problem) -> Iterator[str]:
    """One problem as it is shown on stderr."""
    tone = "bad" if problem.severity == "error" else "warn"
    kind = "" if problem.severity == "error" else "warning: "
    where = ": ".join(visible(shortened(part)) for part in (problem.place, problem.path) if part)
    words = f"{kind}{visible(problem.message)}"
    yield f"{where}: {output.painted(words, tone, sys.stderr)}" if where else words
    if problem.source is not None and problem.caret is not None:
        yield from _source_lines(problem.source, problem.caret)
    if problem.hint:
        yield f"    hint: {visible(problem.hint)}"


def _source_lines(source: str, caret: int) -> Iterator[str]:
    """The line and a caret under the column."""
    if not source.strip():
        return
    row = columns(sys.stderr)
    if row is not None:
        source, caret = _in_one_row(source, caret, row - len(_INDENT))
    yield f"{_INDENT}{visible(source)}"
    yield f"{_INDENT}{blank(visible(source[: caret - 1]))}{output.painted('^', 'bad', sys.stderr)}"


def _in_one_row(source: str, caret: int, room: int) -> tuple[str, int]:
    """The part of the line around the caret that has room in a terminal's row, and the caret's column in it.

    In a line that goes on in the next row, the caret would stand below another character.
    """
    if _width(source) <= room:
        return source, caret
    begin, end = 0, len(source)
    while begin < caret - 1 and _width(source[begin : caret - 1]) > room * 2 // 3:
        begin += 1
    while end > caret and _width(source[begin:end]) > room - 2:
        end -= 1
    before, after = "…" if begin else "", "…" if end < len(source) else ""
    return f"{before}{source[begin:end]}{after}", len(before) + caret - begin


def _width(text: str) -> int:
    return len(blank(visible(text)))
