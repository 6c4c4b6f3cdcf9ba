"""Long lists, asked for in several statements: each value is a parameter, and a statement has room for so many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

AT_ONCE = 1000
"""How many values one statement asks for. SQLite takes 32,766 and PostgreSQL 65,535."""


def slices(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """All values in their order, `AT_ONCE` at a time."""
    for start in range(0, len(values), AT_ONCE):
        yield values[start : start + AT_ONCE]
