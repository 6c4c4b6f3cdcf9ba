"""How long files have been still, on a clock and with changes that come while somebody waits."""

from __future__ import annotations

import threading
import time

from rota.app.stillness import DEBOUNCE, LONGEST_DEBOUNCE, Stillness
from rota.runtime.clock import SystemClock
from rota.testing import SettableClock
from tests.support.waiting import PATIENCE


def test_where_nothing_changed_nobody_waits() -> None:
    stillness = Stillness(SettableClock())  # it stands still: who waits for it waits for ever
    stillness.wait()
    assert stillness.seconds == LONGEST_DEBOUNCE


def test_a_change_is_waited_out() -> None:
    stillness = Stillness(SystemClock())
    stillness.note_change()
    stillness.wait()
    assert stillness.seconds >= DEBOUNCE


def test_an_endless_burst_is_looked_at_all_the_same() -> None:
    stillness = Stillness(SystemClock())
    over = threading.Event()

    def burst() -> None:
        while not over.wait(DEBOUNCE / 10):
            stillness.note_change()

    stillness.note_change()
    writer = threading.Thread(target=burst)
    writer.start()
    begin = time.monotonic()
    stillness.wait()
    took = time.monotonic() - begin
    over.set()
    writer.join(PATIENCE)
    assert DEBOUNCE <= took < PATIENCE


def test_who_ends_waits_no_more() -> None:
    stillness = Stillness(SettableClock())
    stillness.end()
    stillness.note_change()
    stillness.wait()
    assert stillness.seconds == 0
