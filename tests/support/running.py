"""A `rota` command that goes on running while a test looks at it: an engine, or somebody who waits."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.command_line import environment

_LIMIT = 60.0
"""Seconds that anything may take on a busy machine."""


class Running:
    """The command as a process of its own; leaving the `with` kills what is left of it. `lines` is its stderr."""

    def __init__(self, *arguments: str | Path, database: str, cwd: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rota", *arguments],
            cwd=cwd,
            env=environment(database),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait_for(self, *texts: str) -> str:
        """Wait until each of these texts has come on stderr, in any order; returns the last one's line."""
        end = time.monotonic() + _LIMIT
        missing = set(texts)
        with suppress(queue.Empty):
            while (line := self._new.get(timeout=max(0, end - time.monotonic()))) is not None:
                missing -= {text for text in missing if text in line}
                if not missing:
                    return line
        raise AssertionError(f"{missing} not in {_LIMIT:g} s, or up to its end:\n{''.join(self.lines)}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(timeout=_LIMIT)
        self._reader.join(timeout=_LIMIT)
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            self._new.put(line)
        self._new.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
