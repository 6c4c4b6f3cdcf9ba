"""Signals become a stop request: SIGTERM and Ctrl-C ask once politely, a second one asks at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType


class StopRequest:
    """Whether the process was asked to stop, and how urgently."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self.urgent = threading.Event()
        self.reason = ""

    def ask(self, reason: str) -> None:
        """Ask to stop; asking again means: do not wait for running work."""
        if self._asked.is_set():
            self.urgent.set()
        self.reason = self.reason or reason
        self._asked.set()

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds for a request; returns whether there is one."""
        return self._asked.wait(timeout)


@contextmanager
def stop_on_signals(request: StopRequest) -> Iterator[StopRequest]:
    """While inside, SIGTERM, SIGINT and SIGHUP ask `request` to stop. Main thread only."""

    def on_signal(number: int, _frame: FrameType | None) -> None:
        request.ask(signal.Signals(number).name)

    with _handling((signal.SIGTERM, signal.SIGINT, signal.SIGHUP), on_signal):
        yield request


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """While inside, SIGTERM and SIGHUP do what Ctrl-C does: raise `KeyboardInterrupt`. Main thread only.

    For who waits and has something to give back.
    """
    with _handling((signal.SIGTERM, signal.SIGHUP), signal.default_int_handler):
        yield


@contextmanager
def _handling(signals: Sequence[signal.Signals], handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in signals}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


class Abandoned(BaseException):
    """Raised where a thread waits for something that nobody wants any more. Nobody sees it."""


class Abandonment:
    """Whether the one for whom a thread works has gone."""

    def __init__(self) -> None:
        self._gone = False
        self.wakes: threading.Event | None = None
        """What the thread waits for, if that is for long."""

    def abandon(self) -> None:
        self._gone = True
        if (waited_for := self.wakes) is not None:
            waited_for.set()

    def check(self) -> None:
        """Raises `Abandoned` once nobody wants the result any more."""
        if self._gone:
            raise Abandoned


abandoned_by: ContextVar[Abandonment | None] = ContextVar("rota_abandoned_by", default=None)
"""For whom the code of this context works, where they may go before it has ended."""


def stop_if_abandoned() -> None:
    """To be called by whatever waits for long, again and again."""
    abandonment = abandoned_by.get()
    if abandonment is not None:
        abandonment.check()


@contextmanager
def woken_if_abandoned(event: threading.Event) -> Iterator[None]:
    """While inside, `event` is set when nobody wants any more what this context's code works for. To wait for long."""
    abandonment = abandoned_by.get()
    if abandonment is None:
        yield
        return
    abandonment.wakes = event
    try:
        stop_if_abandoned()  # perhaps just before
        yield
    finally:
        abandonment.wakes = None
