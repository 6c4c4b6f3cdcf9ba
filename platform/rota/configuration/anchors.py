"""Anchors and aliases of one file, with a bound on what the aliases unfold to."""

from __future__ import annotations

from typing import Any, Final

MAX_UNFOLDED: Final = 100_000
"""Values that the aliases of one file may stand for, so that a few lines cannot unfold to billions."""


class Anchors:
    """What each anchor stands for, and how many values that is."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, int]] = {}
        self._open: set[str] = set()
        self._unfolded = 0

    def open(self, name: str) -> None:
        """The collection with this anchor begins: until it is complete, it cannot hold itself."""
        self._open.add(name)

    def complete(self, name: str, value: Any, size: int) -> None:
        """The anchor stands for `value`, which holds `size` values with itself."""
        self._open.discard(name)
        self._known[name] = (value, size)

    def unfold(self, name: str) -> tuple[Any, int]:
        """What the alias `name` stands for, and its size. Raises `ValueError` with the reason."""
        if name in self._open:
            raise ValueError(f"*{name} stands inside its own anchor")
        if name not in self._known:
            raise ValueError(f"*{name} has no anchor &{name} before it")
        value, size = self._known[name]
        self._unfolded += size
        if self._unfolded > MAX_UNFOLDED:
            raise ValueError(f"the aliases of this file stand for more than {MAX_UNFOLDED:,} values")
        return value, size
