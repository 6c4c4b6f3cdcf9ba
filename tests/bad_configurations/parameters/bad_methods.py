"""Methods that configurations call in the wrong way."""

from __future__ import annotations

from datetime import date
from subprocess import run  # noqa: F401 - imported, and so no method of this module

LIMIT = 10


class Report: ...


def load(currencies: list[str], since: date | None = None, *, limit: int = LIMIT) -> None: ...


def nothing() -> None: ...
