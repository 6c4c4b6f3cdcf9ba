"""The listener: notices that somebody changed the database, and has the other services look again."""

from __future__ import annotations

from collections.abc import Callable

from rota.runtime.service import Pass
from rota.store.wakeups import FOR_ENGINES, FOR_WAITERS, Wakeups


class Listener:
    """Waits for a change and passes the word on: `on_end` where jobs ended or emitted, `on_change` for all else."""

    def __init__(self, wakeups: Wakeups, *, on_change: Callable[[], None], on_end: Callable[[], None]) -> None:
        self._wakeups = wakeups
        self._on_change = on_change
        self._on_end = on_end

    def run_once(self) -> Pass:
        heard = self._wakeups.wait()
        if FOR_ENGINES in heard:
            self._on_change()
        if FOR_WAITERS in heard:
            self._on_end()
        return Pass({"changes": len(heard)}, again=True)
