"""What the command line writes: data to stdout, everything else to stderr. The only place that prints.

Rich is imported where a person looks at a terminal; a pipe gets plain text, and `--format json` JSON.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import IO, Any, TypeAlias

from rota.cli.terminal import has_colour
from rota.cli.visible import in_one_line

_COLOURS = {
    "plain": "",
    "strong": "\x1b[1m",
    "quiet": "\x1b[2m",
    "good": "\x1b[32m",
    "warn": "\x1b[33m",
    "bad": "\x1b[31m",
}
_RESET = "\x1b[0m"

_LEAST_WRAPPED = 24
"""Characters: a narrower column, or one that is cut off, is harder to read than lines that the terminal breaks."""


class OutputError(Exception):
    """Data could not be written. `reader_left`: whoever read it has seen enough, as in `rota jobs list | head`."""

    def __init__(self, error: OSError) -> None:
        super().__init__(f"the output cannot be written: {error.strerror}")
        self.reader_left = isinstance(error, BrokenPipeError)


def data(text: str) -> None:
    """Data, for stdout. Raises `OutputError`."""
    try:
        print(text, flush=True)
    except OSError as error:
        raise OutputError(error) from error


def note(text: str = "") -> None:
    """Anything that is not data, for stderr. Where nobody reads it any more, the work goes on without."""
    with suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def json(value: Any) -> None:
    """A value as one JSON document; instants as RFC 3339 in UTC."""
    import msgspec

    data(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode())


def json_line(value: Any) -> None:
    """A value as JSON on one line, of which more may follow."""
    import msgspec

    data(msgspec.json.encode(value, enc_hook=str).decode())


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, none: str) -> None:
    """Rows under columns; without rows a note that says `none`.

    On a terminal it fits the width, the cells of the last column wrapping, if that is wide enough to be read; elsewhere
    every row is one line, for grep and awk.
    """
    lines = [[in_one_line(cell) for cell in row] for row in rows]
    if not lines:
        note(none)
    elif not (sys.stdout.isatty() and _table_for_people(columns, lines)):
        _table_for_programs(columns, lines)


def _table_for_people(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the terminal had room for it."""
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False, highlight=False, no_color=not has_colour(sys.stdout))
    longest = [max(len(cell) for cell in column) for column in zip(columns, *rows, strict=True)]
    if sum(longest[:-1]) + 2 * len(longest[:-1]) + min(longest[-1], _LEAST_WRAPPED) > console.width:
        return False
    laid_out = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        laid_out.add_column(column, no_wrap=index < len(columns) - 1)
    for row in rows:
        laid_out.add_row(*row)
    console.print(laid_out)
    return True


def _table_for_programs(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    body = [list(row) for row in rows]
    widths = [max(len(line[i]) for line in [list(columns), *body]) for i in range(len(columns) - 1)]

    def laid_out(cells: Sequence[str]) -> str:
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
        return "  ".join([*padded, cells[-1]]).rstrip()

    data("\n".join(laid_out(line) for line in [list(columns), *body]))


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values, one pair a line, those of several lines hanging; pairs without a value are left out."""
    shown = [(name, value) for name, value in pairs if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        data(f"{painted(name.ljust(width), 'strong', sys.stdout)}  {hanging(value, width + 2)}")


def hanging(text: str, indent: int) -> str:
    """Text of several lines with all but the first indented."""
    return text.replace("\n", "\n" + " " * indent)


def painted(text: str, tone: str, stream: IO[str]) -> str:
    """The text in a tone's colour, where the stream shows colours."""
    return painter(stream)(text, tone)


Painter: TypeAlias = Callable[[str, str], str]
"""Gives a text in the colour of a tone, or as it is."""


def painter(stream: IO[str]) -> Painter:
    """What gives texts the colours that the stream shows: for many, since each question is one to the system."""
    return coloured if has_colour(stream) else _plain


def _plain(text: str, _tone: str) -> str:
    return text


def coloured(text: str, tone: str) -> str:
    """The text in a tone's colour."""
    colour = _COLOURS[tone]
    return f"{colour}{text}{_RESET}" if colour and text else text


def when(instant: datetime | None) -> str:
    """An instant for people: local time, to the second."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M:%S}" if instant else "-"
