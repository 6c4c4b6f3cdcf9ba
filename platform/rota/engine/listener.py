"""The listener: notices that somebody changed the database, and has the other services look again."""

from __future__ import annotations

from collections.abc import Callable

from rota.runtime.service import Pass
from rota.store.wakeups import Change, Wakeups


class Listener:
    """Waits for a change and passes the word on. What changed is for the woken services to find out."""

    def __init__(self, wakeups: Wakeups, *, on_change: Callable[[Change], None]) -> None:
        self._wakeups = wakeups
        self._on_change = on_change

    def run_once(self) -> Pass:
        change = self._wakeups.wait()
        if change is not None:
            self._on_change(change)
        return Pass({"changes": int(change is not None)}, again=True)
