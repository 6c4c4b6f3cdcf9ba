"""Values as people type them, `name=value`: YAML, so that numbers and lists need no quotes."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from rota.model.errors import UsageError


def read_pairs(pairs: Iterable[str]) -> dict[str, Any]:
    """`["currencies=[USD, GBP]", "day=1"]` as a mapping. Raises `UsageError` for what is no pair."""
    from rota.configuration.expression import parse_expression

    return {name: parse_expression(text) if text else "" for name, text in read_texts(pairs).items()}


def read_texts(pairs: Iterable[str]) -> dict[str, str]:
    """`["LANG=C", "PORT=80"]` as a mapping of texts. Raises `UsageError` for what is no pair."""
    texts: dict[str, str] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"{pair!r} is not of the form name=value")
        if name in texts:
            raise UsageError(f"{name} is given twice")
        texts[name] = text
    return texts


def read_numbers(option: str, text: str) -> tuple[int, ...]:
    """`"0,3"` as whole numbers. Raises `UsageError`."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise UsageError(f"{option} {text}: whole numbers, with commas between them") from error


def read_values(texts: Iterable[str]) -> list[Any]:
    """`["USD", "{day: 1}"]` as values. Raises `UsageError`."""
    from rota.configuration.expression import parse_expression

    return [parse_expression(text) if text else "" for text in texts]


def read_lines(file: Path) -> list[str]:
    """The lines of a file that are not blank; `-` is standard input. Raises `UsageError`."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    return [line for line in text.splitlines() if line.strip()]


def instant(option: str, text: str | None) -> datetime | None:
    """A time such as 2026-12-31T09:00, on this machine's wall clock where it names no zone. Raises `UsageError`."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError as error:
        raise UsageError(f"{option} {text!r} is not a time such as 2026-12-31T09:00 or 2026-12-31") from error
