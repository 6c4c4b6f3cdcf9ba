"""A command that a page starts and leaves running while its next examples do other things. Used by pages."""

from __future__ import annotations

import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

_LIMIT = 60.0
"""Seconds that what is waited for may take on a busy machine."""


class Session:
    """The command as a process; everything it writes arrives line by line, once."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.text = ""
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def comes(self, wanted: Callable[[str], bool]) -> bool:
        """Whether such a line comes, after those that were waited for before, however many others come meanwhile."""
        end = time.monotonic() + _LIMIT
        with suppress(queue.Empty):
            while (line := self._lines.get(timeout=max(0, end - time.monotonic()))) is not None:
                if wanted(line):
                    return True
        return False

    def interrupt(self) -> int:
        """Ctrl-C; its exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(timeout=_LIMIT)

    def close(self) -> None:
        """Nothing of it is left."""
        self._process.kill()
        self._process.wait(timeout=_LIMIT)
        self._reader.join(timeout=_LIMIT)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.text += line
            self._lines.put(line)
        self._lines.put(None)
