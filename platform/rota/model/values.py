"""JSON as types: what parameters, results, records and documents are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Parameters: TypeAlias = "Mapping[str, Json] | Sequence[Json] | None"
"""By name, by position, or none."""


def canonical(data: Any) -> bytes:
    """JSON of which there is only one text for equal data: keys sorted, no spaces, UTF-8."""
    import msgspec

    return msgspec.json.encode(data, order="deterministic")
