"""How long files have been still: saves come in bursts, and what stands there in between is half of something."""

from __future__ import annotations

import threading

from rota.runtime.clock import Clock

DEBOUNCE = 0.1
"""Seconds without a change after which a save is taken to be over."""

LONGEST_DEBOUNCE = 2.0
"""Seconds after which even an endless burst is looked at."""


class Stillness:
    """Told of every change, as it comes; knows how long ago the last one was."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._changed = threading.Event()
        self._mark = clock.monotonic() - LONGEST_DEBOUNCE
        self._over = False

    def note_change(self) -> None:
        """Something happens to the files. Safe from any thread."""
        self._mark = self._clock.monotonic()
        self._changed.set()

    @property
    def seconds(self) -> float:
        """Since the last change."""
        return self._clock.monotonic() - self._mark

    def wait(self) -> None:
        """Wait until a burst of changes is over, if there is one."""
        end = self._clock.monotonic() + LONGEST_DEBOUNCE
        while not self._over and self._clock.monotonic() < end and (rest := DEBOUNCE - self.seconds) > 0:
            self._changed.clear()
            self._changed.wait(rest)

    def end(self) -> None:
        """Nobody waits any more."""
        self._over = True
        self._changed.set()
