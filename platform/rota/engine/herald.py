"""The herald: tells those who wait for jobs that something was stored, where the database does not do so by itself."""

from __future__ import annotations

import threading

from rota.runtime.service import Pass
from rota.store.wakeups import Announcer

APART_SECONDS = 0.02
"""How far apart two words are at least: under load one says that many jobs have ended."""


class Herald:
    """Passes the word on, at once the first time and then so often and no more. What happened is for others to find."""

    def __init__(self, announcer: Announcer) -> None:
        self._announcer = announcer
        self._something = threading.Event()
        self._closed = threading.Event()

    def note(self) -> None:
        """Something was committed that somebody may wait for."""
        self._something.set()

    def run_once(self) -> Pass:
        if not self._something.is_set():
            return Pass({"words": 0})
        self._something.clear()
        self._announcer.announce()
        self._closed.wait(APART_SECONDS)
        return Pass({"words": 1}, again=self._something.is_set())

    def close(self) -> None:
        self._closed.set()
        self._announcer.close()
