"""One file of a configuration as text, and places in it."""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rota.configuration.codes import Code
from rota.model.problem import Problem

MAX_BYTES = 32 * 1024 * 1024
"""Ten thousand jobs take about 4 MiB; a file beyond this is no configuration."""

_OTHER_ENCODINGS = {"UTF-32": (BOM_UTF32_LE, BOM_UTF32_BE), "UTF-16": (BOM_UTF16_LE, BOM_UTF16_BE)}
"""What a file in another encoding begins with; the mark of UTF-32 begins like that of UTF-16."""

_SHOWN_LINE = 150
"""Characters; longer lines are cut for showing."""

_LONGEST_TEXT = 500
"""Characters of a message or hint."""

_SHOWN_BEFORE = 80
"""Characters of a long line that are shown before the one that is meant."""


@dataclass(frozen=True)
class Source:
    """The text of one file. Lines end with a line feed only."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """The path for showing, relative where the user gave it so."""
        return shown(self.path)

    def problem(self, index: int, code: str, message: str, *, path: str = "", hint: str | None = None) -> Problem:
        """A problem at character `index` of the text."""
        line, column = self.position(index)
        text, caret = self._excerpt(index)
        return Problem(
            message=_readable(message),
            code=str(code),
            file=self.name,
            line=line,
            column=column,
            path=path,
            hint=_readable(hint) if hint else hint,
            source=text,
            caret=caret,
        )

    def position(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of character `index`."""
        line = bisect_right(self._line_starts, index)
        return line, index - self._line_starts[line - 1] + 1

    def _excerpt(self, index: int) -> tuple[str, int]:
        """The line that holds character `index`, cut where it is very long, and the column of the character in it."""
        start = self._line_starts[bisect_right(self._line_starts, index) - 1]
        found = self.text.find("\n", start)
        end = found if found >= 0 else len(self.text)
        if end - start <= _SHOWN_LINE:
            return self.text[start:end], index - start + 1
        begin = max(start, index - _SHOWN_BEFORE)
        cut = min(begin + _SHOWN_LINE, end)
        before = "…" if begin > start else ""
        after = "…" if cut < end else ""
        return f"{before}{self.text[begin:cut]}{after}", len(before) + index - begin + 1

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]


def _readable(text: str) -> str:
    """The text, cut where a name or value out of the file makes it longer than anybody reads."""
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 1]}…"


def shown(path: Path) -> str:
    """A path as text that can be printed, whatever bytes its name is made of."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read(path: Path) -> Source | Problem:
    """The file's text, or why it cannot be had."""
    content = read_content(path)
    return content if isinstance(content, Problem) else decode(path, content)


def read_content(path: Path) -> bytes | Problem:
    """What the file holds, or why it cannot be had."""
    name = shown(path)
    try:
        information = path.stat()
        if not stat.S_ISREG(information.st_mode):
            # Opening a pipe would wait for a writer that never comes.
            kind = "a folder" if stat.S_ISDIR(information.st_mode) else "a pipe or device"
            return Problem(message=f"is {kind}, not a file", code=Code.FILE_NOT_REGULAR, file=name)
        if information.st_size > MAX_BYTES:
            size = f"{information.st_size / 1024 / 1024:.0f} MiB"
            return Problem(
                message=f"is {size} large; a file may have at most {MAX_BYTES // 1024 // 1024} MiB",
                code=Code.FILE_TOO_LARGE,
                file=name,
                hint="spread the jobs over several files",
            )
        return path.read_bytes()
    except OSError as error:
        return unreadable(path, error)


def unreadable(path: Path, error: OSError) -> Problem:
    """A file or folder that the system does not give out."""
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            target = os.fsencode(os.readlink(path)).decode("utf-8", "backslashreplace")  # noqa: PTH115 - may be broken
            message = f"is a link to {target}, which does not exist"
        else:
            message = "does not exist"
        return Problem(message=message, code=Code.FILE_MISSING, file=shown(path))
    reason = (error.strerror or str(error)).lower()
    return Problem(message=f"cannot be read: {reason}", code=Code.FILE_UNREADABLE, file=shown(path))


def decode(path: Path, content: bytes) -> Source | Problem:
    """The text of a file that holds `content`, or why it is none."""
    for encoding, marks in _OTHER_ENCODINGS.items():
        if content.startswith(marks):
            return _encoding_problem(Source(path, ""), 0, f"is in {encoding}, not in UTF-8")
    while content.startswith(BOM_UTF8):  # a second one the YAML library would leave out of its counting
        content = content.removeprefix(BOM_UTF8)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = Source(path, _unify_lines(content[: error.start].decode()))
        message = f"is not text in UTF-8: byte 0x{content[error.start]:02x} ({error.reason})"
        return _encoding_problem(before, len(before.text), message)
    source = Source(path, _unify_lines(text))
    if "\0" in text:
        return _encoding_problem(source, source.text.index("\0"), "holds a NUL character; it is not a text file")
    return source


def _encoding_problem(source: Source, index: int, message: str) -> Problem:
    line, column = source.position(index)
    return Problem(
        message=message,
        code=Code.FILE_ENCODING,
        file=source.name,
        line=line,
        column=column,
        hint="save the file as text in UTF-8",
    )


def _unify_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
