"""The herald: tells those who wait for jobs that something was stored, where the database does not do so by itself.

It speaks only while somebody waits, who says so every second: a job that nobody waits for costs no notification.
"""

from __future__ import annotations

import threading

from rota.runtime.clock import Clock
from rota.runtime.service import Pass
from rota.store.wakeups import Channel
from rota.store.words import Words

APART_SECONDS = 0.02
"""How far apart two words are at least: under load one says that many jobs have ended."""

WAITING_SECONDS = 3.0
"""How long somebody is taken to wait who said so."""


class Herald:
    """Passes the word on, at once the first time and then so often and no more. What happened is for others to find."""

    def __init__(self, speaker: Words, clock: Clock) -> None:
        self._speaker = speaker
        self._clock = clock
        self._unsaid: set[Channel] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._heard_mark: float | None = None

    def note_stored(self) -> bool:
        """Something was committed that somebody may wait for; returns whether there is anything to say."""
        if self._heard_mark is None or self._clock.monotonic() - self._heard_mark > WAITING_SECONDS:
            return False
        return self._note(Channel.ENDS)

    def note_waiter(self) -> bool:
        """Somebody waits. What happened just before was told to nobody, so the first one has to look again."""
        before, self._heard_mark = self._heard_mark, self._clock.monotonic()
        return (before is None or self._heard_mark - before > WAITING_SECONDS) and self._note(Channel.ENDS)

    def note_waiting(self) -> bool:
        """A job of this node waits for others, which may run elsewhere."""
        return self._note(Channel.WAITERS)

    def _note(self, channel: Channel) -> bool:
        with self._lock:
            self._unsaid.add(channel)
        return True

    def run_once(self) -> Pass:
        """Say every word that was asked for since the last pass, once; then be silent for a moment."""
        with self._lock:
            words, self._unsaid = self._unsaid, set()
        for channel in sorted(words):
            self._speaker.say(channel)
        if words:
            self._closed.wait(APART_SECONDS)
        return Pass({"words": len(words)}, again=bool(self._unsaid))

    def close(self) -> None:
        self._closed.set()
        self._speaker.close()
