"""The listener: hears what others say about the database, and has the other services look again.

For new jobs it makes the dispatcher's pass itself: to wake the dispatcher's thread takes a tenth of the time between
the commit of a start and the claim (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store.wakeups import LONGEST_WAIT_SECONDS, Heard, Wakeups


class Listener:
    """Waits for words and passes them on. What happened is for those who are told to find out.

    `on_words` returns when `on_silence` is to be called if it has not named a later instant by then, or None.
    """

    def __init__(
        self,
        wakeups: Wakeups,
        clock: Clock,
        *,
        on_words: Callable[[Heard], datetime | None],
        on_silence: Callable[[], None],
    ) -> None:
        self._wakeups = wakeups
        self._clock = clock
        self._on_words = on_words
        self._on_silence = on_silence
        self._silent_at: datetime | None = None

    def run_once(self) -> Pass:
        heard = self._wakeups.wait(self._patience())
        if heard:
            self._silent_at = self._on_words(heard) or self._silent_at
        if self._silent_at is not None and self._clock.now() >= self._silent_at:
            self._silent_at = None
            self._on_silence()
        return Pass({"words": len(heard)}, again=True)

    def _patience(self) -> float:
        """How long to wait for a word, in seconds."""
        if self._silent_at is None:
            return LONGEST_WAIT_SECONDS
        return min(max((self._silent_at - self._clock.now()).total_seconds(), 0.0), LONGEST_WAIT_SECONDS)
