"""A value as YAML flow text, as people type it into a shell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rota.configuration.parse import parse
from rota.configuration.source import Source
from rota.model.errors import UsageError


def parse_expression(text: str) -> Any:
    """The data of `text`, by the rules of configurations. Raises `UsageError` with everything that is wrong with it."""
    parsed = parse(Source(Path("expression"), text))
    if parsed.problems:
        problems = (f"column {each.column}: {each.message}" for each in parsed.problems)
        raise UsageError(f"{text!r} cannot be read: {'; '.join(problems)}")
    return parsed.data
