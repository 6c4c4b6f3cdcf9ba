"""A timer that fires when a test says so. Meets `rota.runtime.timer.Timer`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from rota.runtime.clock import Clock


class ManualTimer:
    """Remembers what it was asked for; `fire` makes the calls whose instant has come by `clock`. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[datetime, Callable[[], None]]] = {}
        self.running = False

    def wake_at(self, name: str, instant: datetime, wake: Callable[[], None]) -> None:
        with self._lock:
            self._waiting[name] = (instant, wake)

    def start(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False

    @property
    def waiting(self) -> dict[str, datetime]:
        """What it waits for: names with their instants."""
        with self._lock:
            return {name: instant for name, (instant, _) in self._waiting.items()}

    def fire(self) -> list[str]:
        """Make every call that is due, earliest first; returns their names."""
        now = self._clock.now()
        with self._lock:
            due = sorted((instant, name) for name, (instant, _) in self._waiting.items() if instant <= now)
            calls = [(name, self._waiting.pop(name)[1]) for _, name in due]
        for _, wake in calls:
            wake()
        return [name for name, _ in calls]
