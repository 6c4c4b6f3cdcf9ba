"""One attempt while its method runs: what it emits, and whether it was told to stop.

The thread executor and the worker process each make one per attempt; `current_job` and the captured streams find the
one of the running method through `current_scope`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from queue import SimpleQueue
from threading import RLock, Thread, current_thread, get_ident
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from rota.executors.lateness import lateness
from rota.executors.plain import clean
from rota.executors.transactions import AttemptTransaction, Block, LazyTransactions
from rota.model.errors import JobCancelled
from rota.model.values import Json

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

    from rota.model.attempt import Answer, Attempt  # it brings msgspec, which `import current_job` does without

Send: TypeAlias = Callable[[str, Json], None]
"""Takes a record's stream and data to whoever reports it."""

Ask: TypeAlias = "Callable[[Mapping[str, Json], Answer], None]"
"""Takes a question, and where its answer goes, to whoever answers."""

TOLD_TO_STOP = "the method was told to stop"

CHUNK = 64 * 1024
"""The most characters of text in one record."""


class Scope:
    """What a running method may touch of its attempt. Safe to use from any thread that the method starts."""

    __slots__ = (
        "_ask",
        "_calls",
        "_is_noted",
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
        "loop",
        "on_cancel",
    )

    def __init__(
        self,
        attempt: Attempt,
        send: Send,
        transactions: LazyTransactions | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.attempt = attempt
        self._transactions = transactions or LazyTransactions()
        self._transaction: AttemptTransaction | None = None
        self.cancelled = False
        self.armed = False
        """Whether the method's own code is running, so that an exception may be raised into it."""
        self.on_cancel: Callable[[], None] | None = None
        """How to wake a method that looks at nothing: a coroutine, a command."""
        self.loop: AbstractEventLoop | None = None
        """The event loop that the method itself runs on, while it does."""
        # Reentrant, because the garbage collector may run a finaliser that prints while a record is being sent.
        self.lock = RLock()
        """Held while something is being sent; whoever holds it knows that the method is not in the middle of it."""
        self._send = send
        self._ask = ask
        self._calls: set[SimpleQueue[Json | None]] = set()
        """The questions that wait for their answers; None in one means: look whether to stop."""
        self._sender = 0
        """The thread that is sending a record now; 0 for none."""
        self._raise_when_sent = False
        self._open = True
        self._text: list[str] = []
        self._text_stream = ""
        self._length = 0
        self._is_noted = False
        """Whether somebody comes back to send the text that waits."""

    def cancel(self) -> None:
        """Tell the method to stop; it may look at `cancelled`, and is woken where that is possible."""
        self.cancelled = True
        for call in tuple(self._calls):
            call.put(None)
        if (wake := self.on_cancel) is not None:
            wake()

    def check_cancelled(self) -> None:
        """Raises `JobCancelled` once the method was told to stop."""
        if self.cancelled:
            raise JobCancelled(TOLD_TO_STOP)

    def interrupt(self) -> None:
        """Raises `JobCancelled` in the thread that runs this: now, or if it is sending a record, when that is sent."""
        if self._sender == get_ident():
            self._raise_when_sent = True
        else:
            raise JobCancelled(TOLD_TO_STOP)

    def emit(self, stream: str, data: Json) -> None:
        """Send one record, after whatever text is still waiting for the end of its line."""
        with self.lock:
            if self._begin_sending():
                try:
                    self._send_text(whole=True)
                    self._send(stream, data)
                finally:
                    self._end_sending()

    def ask(self, question: Mapping[str, Json]) -> Json:
        """Ask the engine, and wait for the answer, which is never None. Raises `JobCancelled` when told to stop."""
        # Of all queues this one may be used by a signal handler that interrupts whoever waits at it.
        call: SimpleQueue[Json | None] = SimpleQueue()
        self._calls.add(call)
        try:
            self._send_question(question, call.put)
            while True:
                answer = call.get()
                if answer is not None:
                    return answer
                self.check_cancelled()
        finally:
            self._calls.discard(call)

    def _send_question(self, question: Mapping[str, Json], answer: Answer) -> None:
        with self.lock:
            if self._ask is None or not self._begin_sending():
                raise RuntimeError("the engine cannot be asked from here: the method is over, or is sending something")
            try:
                self._send_text(whole=True)
                self._ask(question, answer)
            finally:
                self._end_sending()

    def write(self, stream: str, text: str) -> None:
        """Send text of a stream line by line; a line that has not ended waits until it does, but not for long."""
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
                    if self._text and not self._is_noted:
                        self._is_noted = True
                        lateness.note(self)
                finally:
                    self._end_sending()

    def flush_late(self) -> None:
        """Send the text that has waited long enough."""
        with self.lock:
            self._is_noted = False
            self.flush()

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

    @property
    def transaction(self) -> AttemptTransaction | None:
        """The method's transaction, once it has asked for one."""
        return self._transaction

    def block(self) -> Block:
        """A block of the method's transaction, which begins with the first."""
        if self._transaction is None:
            self._transaction = AttemptTransaction(self._transactions, self.attempt.id)
        return Block(self._transaction, self.loop)

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
            raise JobCancelled(TOLD_TO_STOP)

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
_left_behind: WeakKeyDictionary[Thread, Scope] = WeakKeyDictionary()
"""Threads that go on although the method which started them is over: they stay with its scope, which is closed."""


def current_scope() -> Scope | None:
    """The scope of the method that is running here: in this context, or in this whole process."""
    scope = _of_context.get() or _of_process
    return _left_behind.get(current_thread(), scope) if _left_behind else scope


def enter_context(scope: Scope) -> None:
    """From here on this context belongs to the scope; several may run in one process (threads)."""
    _of_context.set(scope)


def enter_process(scope: Scope) -> None:
    """From here on all of this process belongs to the scope: every thread, whoever started it (workers)."""
    global _of_process  # noqa: PLW0603 - a worker process runs one method at a time, in all of its threads
    _of_process = scope


def leave_process() -> None:
    """The method is over; what its threads still write is nobody's, and above all not the next method's."""
    global _of_process
    scope, _of_process = _of_process, None
    if scope is not None:
        for thread in threading.enumerate():
            if thread is not current_thread():
                _left_behind.setdefault(thread, scope)
