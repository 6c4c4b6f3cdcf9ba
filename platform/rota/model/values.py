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


def form_in_json(value: Any) -> Any:
    """What stands for a value of which msgspec does not know how to write it. Raises `TypeError` where nothing does."""
    from pathlib import PurePath  # here, because next to nothing of what is written comes here

    if isinstance(value, PurePath):
        return str(value)
    if (dump := getattr(type(value), "model_dump", None)) is not None:  # pydantic's, of which no more is known
        return dump(value, mode="json")
    raise TypeError(f"a value of type {type(value).__qualname__} has no form in JSON")
