"""The restart policy: how often, and how long to wait before each restart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

LONGEST_SECONDS = 1e9
"""About thirty years: longer than anybody waits, and short enough to be counted on from any date."""


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`count` restarts after an abnormal end; intervals in seconds.

    The n-th restart (from 1) waits `interval * backoff ** (n - 1)`, at most `max_interval`. With `backoff` above 1 the
    wait is spread by up to a tenth, so that jobs that failed together do not come back together.
    """

    count: int = 0
    interval: float = 0
    backoff: float = 1.0
    max_interval: float | None = None
    on_timeout: bool = True

    def delay(self, restart: int, spread: float = 0.0) -> timedelta:
        """How long to wait before restart number `restart` (from 1); `spread` in 0..1 is the caller's random draw."""
        if restart < 1:
            raise ValueError("restarts are counted from 1")
        ceiling = LONGEST_SECONDS if self.max_interval is None else min(self.max_interval, LONGEST_SECONDS)
        seconds = self._seconds(restart)
        if self.backoff > 1:
            seconds *= 1 + spread / 10
        return timedelta(seconds=min(seconds, ceiling))

    def _seconds(self, restart: int) -> float:
        try:
            return float(self.interval * self.backoff ** (restart - 1))
        except OverflowError:
            return math.inf if self.interval else 0.0

    def to_data(self) -> dict[str, Any]:
        return {
            "count": self.count,
            "interval": self.interval,
            "backoff": self.backoff,
            "max_interval": self.max_interval,
            "on_timeout": self.on_timeout,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> RetryPolicy:
        return cls(**data) if data else NO_RESTARTS


NO_RESTARTS = RetryPolicy()
"""What most jobs have."""
