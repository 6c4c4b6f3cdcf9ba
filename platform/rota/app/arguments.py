"""What callers of the Python interface give: refused in words where a wrong kind would fail far away, or be stored.

Used by the actions that take spans and instants.
"""

from __future__ import annotations

import math
from datetime import datetime

from rota.model.errors import UsageError


def is_number(value: object) -> bool:
    """Whether it can be counted with: a bool and NaN cannot."""
    return type(value) is int or (type(value) is float and not math.isnan(value))


def require_seconds(name: str, value: object) -> None:
    """Raise `UsageError` unless it is a number of seconds, or None."""
    if value is not None and not is_number(value):
        raise UsageError(f"{name} is a number of seconds, not {value!r}")


def require_instant(name: str, value: object) -> None:
    """Raise `UsageError` unless it is an instant with a time zone, or None."""
    if value is None:
        return
    if not isinstance(value, datetime):
        raise UsageError(f"{name} is a datetime, not {value!r}")
    if value.tzinfo is None:
        raise UsageError(f"{name} needs a time zone")
