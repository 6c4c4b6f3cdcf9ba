"""One attempt while its method runs: what it emits, and whether it was told to stop.

The thread executor and the worker process each make one per attempt; `current_job` and the captured streams find the
one of the running method through `current_scope`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from contextvars import ContextVar
from threading import RLock, get_ident
from typing import Any, TypeAlias

from rota.executors.plain import clean
from rota.executors.transactions import LazyTransactions
from rota.model.attempt import Attempt, JobTransaction
from rota.model.errors import JobCancelled
from rota.model.values import Json

Send: TypeAlias = Callable[[str, Json], None]
"""Takes a record's stream and data to whoever reports it."""

_TOLD_TO_STOP = "the method was told to stop"

CHUNK = 64 * 1024
"""The most characters of text in one record."""


class Scope:
    """What a running method may touch of its attempt. Safe to use from any thread that the method starts."""

    __slots__ = (
        "_length",
        "_open",
        "_raise_when_sent",
        "_send",
        "_sender",
        "_text",
        "_text_stream",
        "_transaction",
        "_transactions",
        "armed",
        "attempt",
        "cancelled",
        "lock",
        "on_cancel",
    )

    def __init__(self, attempt: Attempt, send: Send, transactions: LazyTransactions | None = None) -> None:
        self.attempt = attempt
        self._transactions = transactions or LazyTransactions()
        self._transaction: JobTransaction | None = None
        self.cancelled = False
        self.armed = False
        """Whether the method's own code is running, so that an exception may be raised into it."""
        self.on_cancel: Callable[[], None] | None = None
        """How to wake a method that looks at nothing: a coroutine, a command."""
        # Reentrant, because the garbage collector may run a finaliser that prints while a record is being sent.
        self.lock = RLock()
        """Held while something is being sent; whoever holds it knows that the method is not in the middle of it."""
        self._send = send
        self._sender = 0
        """The thread that is sending a record now; 0 for none."""
        self._raise_when_sent = False
        self._open = True
        self._text: list[str] = []
        self._text_stream = ""
        self._length = 0

    def cancel(self) -> None:
        """Tell the method to stop; it may look at `cancelled`, and is woken where that is possible."""
        self.cancelled = True
        if (wake := self.on_cancel) is not None:
            wake()

    def check_cancelled(self) -> None:
        """Raises `JobCancelled` once the method was told to stop."""
        if self.cancelled:
            raise JobCancelled(_TOLD_TO_STOP)

    def interrupt(self) -> None:
        """Raises `JobCancelled` in the thread that runs this: now, or if it is sending a record, when that is sent."""
        if self._sender == get_ident():
            self._raise_when_sent = True
        else:
            raise JobCancelled(_TOLD_TO_STOP)

    def emit(self, stream: str, data: Json) -> None:
        """Send one record, after whatever text is still waiting for the end of its line."""
        with self.lock:
            if self._begin_sending():
                try:
                    self._send_text(whole=True)
                    self._send(stream, data)
                finally:
                    self._end_sending()

    def write(self, stream: str, text: str) -> None:
        """Send text of a stream line by line; a line that has not ended waits until it does, or for `flush`."""
        with self.lock:
            if self._begin_sending():
                try:
                    if stream != self._text_stream:
                        self._send_text(whole=True)
                        self._text_stream = stream
                    self._text.append(text)
                    self._length += len(text)
                    if "\n" in text or self._length >= CHUNK:
                        self._send_text(whole=False)
                finally:
                    self._end_sending()

    def flush(self) -> None:
        """Send the text that waits for the end of its line."""
        with self.lock:
            if self._text and self._begin_sending():
                try:
                    self._send_text(whole=True)
                finally:
                    self._end_sending()

    def finish(self) -> None:
        """The method is over: send what waits, and nothing after that."""
        with self.lock:
            self.flush()
            self._open = False

    def transaction(self) -> AbstractContextManager[Any]:
        """A block of the method's transaction, which begins with the first."""
        if self._transaction is None:
            self._transaction = self._transactions.get().open(self.attempt.id)
        return self._transaction.block()

    def commit(self, result: Json) -> None:
        """The method has returned: commit its transaction, if it had one. Raises what keeps that from happening."""
        if self._transaction is not None:
            self._transaction.commit(result)

    def roll_back(self) -> None:
        """The method has not returned, or could not commit."""
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            with suppress(Exception):  # a connection that broke has rolled back already
                transaction.roll_back()

    def _begin_sending(self) -> bool:
        """Whether to send, under the lock. Whoever is sending already has printed or logged something while sending."""
        if self._sender != 0 or not self._open:
            return False
        self._sender = get_ident()
        return True

    def _end_sending(self) -> None:
        self._sender = 0
        if self._raise_when_sent:
            self._raise_when_sent = False
            raise JobCancelled(_TOLD_TO_STOP)

    def _send_text(self, *, whole: bool) -> None:
        if not self._text:
            return
        text = "".join(self._text)
        end = len(text) if whole else text.rfind("\n") + 1
        if len(text) - end >= CHUNK:
            end = len(text)
        self._text = [text[end:]] if end < len(text) else []
        self._length = len(text) - end
        for start in range(0, end, CHUNK):
            self._send(self._text_stream, clean(text[start : min(start + CHUNK, end)]))


_of_context: ContextVar[Scope | None] = ContextVar("rota_scope", default=None)
_of_process: Scope | None = None


def current_scope() -> Scope | None:
    """The scope of the method that is running here: in this context, or in this whole process."""
    return _of_context.get() or _of_process


def enter_context(scope: Scope) -> None:
    """From here on this context belongs to the scope; several may run in one process (threads)."""
    _of_context.set(scope)


def enter_process(scope: Scope | None) -> None:
    """From here on all of this process belongs to the scope: every thread, whoever started it (workers)."""
    global _of_process  # noqa: PLW0603 - a worker process runs one method at a time, in all of its threads
    _of_process = scope
