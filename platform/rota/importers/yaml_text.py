"""Plain data as YAML text that reads back the same, with comments. Used by writing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rota.configuration.scalars import core_value
from rota.configuration.variables import escaped

WIDTH = 110
"""Columns up to which a list or mapping stays on one line."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*([ :][A-Za-z0-9_./-]+)*")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def block(mapping: dict[str, Any], indent: int = 0) -> Iterator[str]:
    """The lines of a mapping, one key below the other."""
    for key, value in mapping.items():
        lead = " " * indent + f"{_text(key)}:"
        line = f"{lead} {flow(value)}"
        if len(line) <= WIDTH or not value or not isinstance(value, dict | list):
            yield line
            continue
        yield lead
        if isinstance(value, dict):
            yield from block(value, indent + 2)
        else:
            yield from (f"{' ' * (indent + 2)}- {flow(item)}" for item in value)


def flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(escaped(value))
    return "null" if value is None else str(value)


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """The lines of a comment; what cannot be printed is shown by its code."""
    for line in text.split("\n"):
        shown = "".join(c if c.isprintable() else " " if c == "\t" else f"\\x{ord(c):02x}" for c in line)
        yield f"{' ' * indent}# {shown}".rstrip()


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and core_value(text) == text:
        return text
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\U{ord(c):08x}") for c in text) + '"'
