"""A clock that stands still until a test moves it. Meets `rota.runtime.clock.Clock`."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""Where a clock begins unless told otherwise: a Monday, at noon."""


class SettableClock:
    """Both of its hands move only by `advance`, `step` and `set`. Safe from any thread."""

    def __init__(self, now: datetime = START) -> None:
        self._lock = threading.Lock()
        self._now = _utc(now)
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        """The instant that it shows, in UTC."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Seconds that have passed, whatever was done to the wall clock."""
        with self._lock:
            return self._monotonic

    def advance(self, span: timedelta | float) -> datetime:
        """Let time pass: both hands go forward by `span`, a timedelta or seconds. Returns the instant reached."""
        seconds = _seconds(span)
        if seconds < 0:
            raise ValueError("time does not pass backwards; to set the wall clock back, use step")
        with self._lock:
            self._monotonic += seconds
            self._now += timedelta(seconds=seconds)
            return self._now

    def step(self, span: timedelta | float) -> datetime:
        """Set the wall clock forward or back by `span` while no time passes, as an administrator would."""
        with self._lock:
            self._now += timedelta(seconds=_seconds(span))
            return self._now

    def set(self, instant: datetime) -> datetime:
        """Let time pass until `instant`, which must not lie before the present one."""
        return self.advance(_utc(instant) - self.now())


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)


def _seconds(span: timedelta | float) -> float:
    return span.total_seconds() if isinstance(span, timedelta) else span
