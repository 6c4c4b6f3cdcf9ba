"""The bell beside an SQLite database: whoever commits something for the engine rings it, and the engine hears at once.

A named pipe. Only a hint, as every wake-up: where nobody listens, or the file system knows no such thing, nothing is
rung, and the engine finds out by its own looks.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_ROOM = 65536
"""The most bytes that a pipe holds, so that no word is heard in two parts."""


@lru_cache(maxsize=16)
def bell_of(database: Path) -> Path:
    """The file of the bell."""
    return database.with_name(database.name + ".bell")


def ring(database: Path, words: Iterable[str]) -> None:
    """Have the engine hear these words, of one line each. Never waits, and never fails."""
    try:
        # Without somebody who listens, the opening fails at once.
        pipe = os.open(bell_of(database), os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            os.write(pipe, "".join(f"{word}\n" for word in words).encode())
    except OSError:  # full: the engine has enough to hear already
        return
    finally:
        os.close(pipe)


class Bell:
    """The engine's end. There is one engine on a database, so there is one who listens."""

    def __init__(self, database: Path) -> None:
        self._file = bell_of(database)
        self._pipe: int | None = None
        self._poll = select.poll()

    def hang(self) -> bool:
        """Begin to listen; whether that is possible here."""
        try:
            if not self._file.is_fifo():
                os.mkfifo(self._file, 0o666)  # less the process's mask, as SQLite makes the database's own files
            # Also for writing: a pipe that the last ringer has closed would else count as ended, and be read in vain.
            self._pipe = os.open(self._file, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        self._poll.register(self._pipe, select.POLLIN)
        return True

    def hear(self, seconds: float) -> set[str]:
        """The words that were rung, at once or within so many seconds."""
        if self._pipe is None or not self._poll.poll(seconds * 1000):
            return set()
        return set(os.read(self._pipe, _ROOM).decode(errors="replace").splitlines())

    def take_down(self) -> None:
        """Listen no more."""
        if self._pipe is not None:
            self._poll.unregister(self._pipe)
            os.close(self._pipe)
            self._pipe = None
            self._file.unlink(missing_ok=True)
