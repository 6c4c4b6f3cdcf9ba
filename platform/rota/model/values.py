"""JSON as types: what parameters, results, records and documents are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"
Parameters: TypeAlias = "Mapping[str, Json] | Sequence[Json] | None"
"""By name, by position, or none."""
