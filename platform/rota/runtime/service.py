"""A service: one pass that can be run by hand, and a loop that adds nothing but time.

The engine's scheduler, dispatcher and upkeep are services. `run_once` does one pass and returns what it did and when it
wants to be called again. An error of the temporary kind is announced and the pass tried again, ever more slowly, until
one is good again, which is announced too; any other error stops the service and is handed to `on_failure`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rota.runtime.clock import Clock
from rota.runtime.timer import LONGEST_WAIT, Timer

FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=5)

BRIEF = timedelta(milliseconds=50)
"""A wait that is not worth an alarm: setting one wakes the timer's thread too."""

SLACK_SECONDS = 1.0
"""How far the timer may be late before the service looks again by itself."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass did. `counts` names and numbers; `next_at`: look again then; `again`: look again at once."""

    counts: Mapping[str, int] = field(default_factory=dict)
    next_at: datetime | None = None
    again: bool = False


class Service:
    """A named loop around `run_once`, in a thread of its own."""

    def __init__(
        self,
        name: str,
        run_once: Callable[[], Pass],
        *,
        clock: Clock,
        timer: Timer,
        temporary: type[Exception],
        on_trouble: Callable[[str, Exception], None],
        on_recovery: Callable[[str], None],
        on_failure: Callable[[str, BaseException], None],
    ) -> None:
        self.name = name
        self.run_once = run_once
        self._clock = clock
        self._timer = timer
        self._temporary = temporary
        self._on_trouble = on_trouble
        self._on_recovery = on_recovery
        self._on_failure = on_failure
        self._woken = threading.Event()
        self._has_passed = threading.Event()
        self._stopping = False
        self._pause = FIRST_PAUSE
        self._alarm: datetime | None = None
        self._thread = threading.Thread(target=self._loop, name=f"rota-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wait_for_pass(self, at_most: float) -> None:
        """Wait until the first pass is over, however it ended, for `at_most` seconds."""
        self._has_passed.wait(at_most)

    def wake(self) -> None:
        """Look again as soon as possible. Safe from any thread, any number of times."""
        if not self._woken.is_set():  # a pass forgets the calls before it begins, and so misses nothing
            self._woken.set()

    def stop(self) -> None:
        """End after the pass in progress; returns once the loop has ended."""
        self._stopping = True
        self._woken.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _loop(self) -> None:
        try:
            while not self._stopping:
                self._woken.clear()
                began = self._clock.now()
                done = self._pass()
                self._has_passed.set()
                if not done.again and not self._stopping:
                    self._wait(began, done.next_at)
        except BaseException as error:  # noqa: BLE001 -- handed on whole: the owner decides what dies with it
            self._has_passed.set()
            self._on_failure(self.name, error)

    def _wait(self, began: datetime, next_at: datetime | None) -> None:
        """Wait to be woken, by whomever.

        The timer goes by the wall clock: were that set back by an hour, a wake-up in five seconds would come in an
        hour. So the service lets no more than the span itself pass, with some slack for a timer that is merely late.
        """
        if next_at is None:
            self._woken.wait()
            return
        span = min(max(next_at - began, timedelta()), LONGEST_WAIT)
        if span <= BRIEF:
            self._woken.wait(span.total_seconds())
            return
        self._set_alarm(next_at)
        self._woken.wait(span.total_seconds() + SLACK_SECONDS)

    def _set_alarm(self, at: datetime) -> None:
        """Be woken at `at`, or before: setting an alarm costs a busy service more than a pass too many once."""
        if self._alarm is None or at < self._alarm:
            self._alarm = at
            self._timer.wake_at(self.name, at, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        self.wake()

    def _pass(self) -> Pass:
        try:
            done = self.run_once()
        except self._temporary as error:
            self._on_trouble(self.name, error)
            pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
            return Pass(next_at=self._clock.now() + pause)
        if self._pause != FIRST_PAUSE:
            self._pause = FIRST_PAUSE
            self._on_recovery(self.name)
        return done
