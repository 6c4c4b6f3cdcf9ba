"""A problem: one thing wrong with a configuration, and where."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. `line` and `column` count from 1; `path` reads like `jobs.rates.schedule.week_days[0]`.

    `code` is the short stable name of the rule (`schema.unknown-key`). `source` is the text of the line for showing, or
    a part of a very long one, and `caret` the column in it, from 1.
    `expected` is what could stand there, where the rule can say it in a few words.
    """

    message: str
    code: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: str = ""
    hint: str | None = None
    severity: Severity = "error"
    source: str | None = None
    caret: int | None = None
    expected: str | None = None

    @property
    def place(self) -> str:
        """`file:line:column`, as far as known."""
        parts = [self.file or "", str(self.line or ""), str(self.column or "")]
        return ":".join(part for part in parts if part)

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "path": self.path,
            "message": self.message,
            "hint": self.hint,
            "severity": self.severity,
            "code": self.code,
            "expected": self.expected,
        }

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.place, self.path) if part)
        return f"{where}: {self.message}" if where else self.message


def join_path(parts: tuple[str | int, ...]) -> str:
    """`("jobs", "rates", "week_days", 0)` as `jobs.rates.week_days[0]`."""
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text
