"""Values as people type them, `name=value`: YAML, so that numbers and lists need no quotes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rota.model.errors import UsageError


def read_pairs(pairs: Iterable[str]) -> dict[str, Any]:
    """`["currencies=[USD, GBP]", "day=1"]` as a mapping. Raises `UsageError` for what is no pair."""
    from rota.configuration.expression import parse_expression

    values: dict[str, Any] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name:
            raise UsageError(f"{pair!r} is not of the form name=value")
        if name in values:
            raise UsageError(f"{name} is given twice")
        values[name] = parse_expression(text) if text else ""
    return values
