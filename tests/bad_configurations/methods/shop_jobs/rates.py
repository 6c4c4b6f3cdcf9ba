"""Exchange rates."""

from __future__ import annotations


def load(**parameters: object) -> None: ...
