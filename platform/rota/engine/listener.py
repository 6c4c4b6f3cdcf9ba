"""The listener: hears what others say about the database, and has the other services look again."""

from __future__ import annotations

from collections.abc import Callable

from rota.runtime.service import Pass
from rota.store.wakeups import Heard, Wakeups


class Listener:
    """Waits for words and passes them on. What happened is for the woken services to find out."""

    def __init__(self, wakeups: Wakeups, *, on_words: Callable[[Heard], None]) -> None:
        self._wakeups = wakeups
        self._on_words = on_words

    def run_once(self) -> Pass:
        heard = self._wakeups.wait()
        if heard:
            self._on_words(heard)
        return Pass({"words": len(heard)}, again=True)
