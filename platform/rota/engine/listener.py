"""The listener: notices that somebody changed the database, and has the other services look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rota.runtime.service import Pass
from rota.store.wakeups import Wakeups


class Listener:
    """Waits for a change and passes the word on. What changed is for the woken services to find out."""

    def __init__(self, wakeups: Wakeups, on_word: Mapping[str, Callable[[], None]]) -> None:
        self._wakeups = wakeups
        self._on_word = on_word

    def run_once(self) -> Pass:
        heard = self._wakeups.wait()
        for channel in sorted(heard):
            self._on_word[channel]()
        return Pass({"changes": len(heard)}, again=True)
