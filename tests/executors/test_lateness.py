"""Text that waits for the end of its line, but not for long."""

from __future__ import annotations

import threading
import time
from threading import Event

from rota.executors.lateness import LATE_SECONDS, Lateness
from tests.support.waiting import wait_for


class Holder:
    """Notes when it is called back."""

    def __init__(self) -> None:
        self.called = Event()
        self.at = 0.0

    def flush_late(self) -> None:
        self.at = time.monotonic()
        self.called.set()


def test_whoever_holds_text_is_called_back_when_it_is_late() -> None:
    lateness, holders = Lateness(), [Holder() for _ in range(20)]
    began = time.monotonic()
    for holder in holders:
        lateness.note(holder)
    assert all(holder.called.wait(30) for holder in holders)
    assert min(holder.at for holder in holders) - began >= LATE_SECONDS
    assert [holder.at for holder in holders] == sorted(holder.at for holder in holders)


def test_its_thread_runs_only_while_somebody_waits() -> None:
    lateness = Lateness()
    for _ in range(2):
        holder = Holder()
        before = set(threading.enumerate())
        lateness.note(holder)
        assert holder.called.wait(30)
        wait_for(lambda before=before: set(threading.enumerate()) <= before, "the end of the thread")  # type: ignore[misc]
