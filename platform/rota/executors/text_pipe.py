"""Reading text from pipes that other programs write to. Used by the pool and by commands."""

from __future__ import annotations

import os
from codecs import getincrementaldecoder
from collections.abc import Callable

_READ = 64 * 1024
_LAST_READS = 16
"""Reads of a pipe at an attempt's end: more than any pipe holds, and an end to what a child goes on writing."""


class TextPipe:
    """The reading end of a pipe, not owned. Bytes that are not UTF-8 are replaced."""

    def __init__(self, descriptor: int, take: Callable[[str], None]) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self._take = take
        self._decoder = getincrementaldecoder("utf-8")("replace")

    def read(self) -> bool:
        """Take what is there now, at most 64 KiB; false at the pipe's end."""
        try:
            data = os.read(self.descriptor, _READ)
        except BlockingIOError:
            return True
        self._pass_on(data)
        return bool(data)

    def drain(self) -> None:
        """Take all that is there now; a character that was cut in half is taken as it is."""
        for _ in range(_LAST_READS):
            try:
                data = os.read(self.descriptor, _READ)
            except BlockingIOError:
                break
            if not data:
                break
            self._pass_on(data)
        self._pass_on(b"", final=True)

    def _pass_on(self, data: bytes, *, final: bool = False) -> None:
        if text := self._decoder.decode(data, final):
            self._take(text)
