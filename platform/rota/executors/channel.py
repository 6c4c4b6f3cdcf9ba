"""The messages between the engine and a worker: four bytes of length, then a JSON array. Never pickle.

From the engine:  [TRANSACTIONS, factory, url]  [CODE, sources by file]  [RUN, attempt]  [CANCEL, job, number]
                  [KILL, job, number]  [ANSWER, question's number, answer]
From the worker:  [BEGAN, process id]  [EMITTED, stream, data]  [ASKED, number, question]
                  [ENDED, outcome, whether the worker is fit for more]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from threading import Lock
from typing import Any

import msgspec

TRANSACTIONS, CODE, RUN, CANCEL, KILL, ANSWER = "transactions", "code", "run", "cancel", "kill", "answer"
BEGAN, EMITTED, ASKED, ENDED = "began", "emitted", "asked", "ended"

LARGEST = 128 * 1024 * 1024
"""Bytes of one message. Text that a method wrote into the channel by mistake reads as a length beyond it."""

_HEAD = 4
_READ = 256 * 1024


def pack(*message: Any) -> bytes:
    """A message as bytes. Raises `ValueError` for one that is too large."""
    body = msgspec.json.encode(message)
    if len(body) > LARGEST:
        raise ValueError(f"{len(body)} bytes are more than the {LARGEST} that one message may have")
    return len(body).to_bytes(_HEAD, "big") + body


class Unpacker:
    """Messages out of bytes that come in pieces of any size."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[list[Any]]:
        """The messages that `data` completes. Raises `ValueError` for what is none."""
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= _HEAD:
            length = int.from_bytes(self._buffer[start : start + _HEAD], "big")
            if length > LARGEST:
                raise ValueError("this is no message")
            end = start + _HEAD + length
            if len(self._buffer) < end:
                break
            yield msgspec.json.decode(self._buffer[start + _HEAD : end])
            start = end
        del self._buffer[:start]


class Channel:
    """The worker's end: blocking, so that a method which emits faster than the engine takes has to wait."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = Lock()

    def send(self, *message: Any) -> None:
        """Safe to call from several threads."""
        data = memoryview(pack(*message))
        with self._lock:
            while data:
                data = data[os.write(self._descriptor, data) :]

    def receive(self) -> Iterator[list[Any]]:
        """Every message, until the engine closes its end or is gone."""
        unpacker = Unpacker()
        try:
            while data := os.read(self._descriptor, _READ):
                yield from unpacker.feed(data)
        except ConnectionError:
            return

    def abandon(self) -> None:
        """Let go of the channel: this process is a fork of the worker, and not who the engine talks to."""
        os.close(self._descriptor)
        self._descriptor = -1
