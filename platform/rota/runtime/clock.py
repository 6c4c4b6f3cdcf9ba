"""The clock: the only reader of the time. Everything else is handed one.

Instants are aware datetimes in UTC. `monotonic` measures spans and never jumps; leases and grace periods use it, so
that a stepped wall clock neither ends nor prolongs them.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that only goes forward."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()
