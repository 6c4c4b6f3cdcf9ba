"""Sends on text that has waited too long for the end of its line: a prompt, a row of dots. Called by scopes.

One thread for all scopes of a process, which runs only while some text waits.
"""

from __future__ import annotations

import time
from collections import deque
from threading import Event, Lock, Thread
from typing import Protocol

LATE_SECONDS = 0.15
"""How long text may wait for the end of its line. Together with the engine's batches a quarter of a second."""


class HoldsText(Protocol):
    """A scope."""

    def flush_late(self) -> None: ...


class Lateness:
    """Whoever holds text says so once, and is called back when it is late. All wait equally long, so none overtakes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[tuple[float, HoldsText]] = deque()
        self._is_running = False
        self._never = Event()

    def note(self, holder: HoldsText) -> None:
        with self._lock:
            self._waiting.append((time.monotonic() + LATE_SECONDS, holder))
            if self._is_running:
                return
            self._is_running = True
        Thread(target=self._call_back, name="rota-late-text", daemon=True).start()

    def _call_back(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._is_running = False
                    return
                due, holder = self._waiting.popleft()
            self._never.wait(max(0.0, due - time.monotonic()))
            holder.flush_late()


lateness = Lateness()
