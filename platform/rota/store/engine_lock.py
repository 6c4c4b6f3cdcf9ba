"""One engine per SQLite database: a lock on a file beside it, which the operating system holds while the process lives.

The lock cannot be left behind: `kill -9`, a crash or a power cut free it. The file itself stays and only says who held
it last. PostgreSQL needs none of this, any number of nodes run there.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rota.model.errors import DatabaseUnusable, EngineAlreadyActive
from rota.runtime.forking import watch_forks

PATIENCE_SECONDS = 0.2
"""How long `take` tries: a process that only asks whether the lock is held has it for an instant."""


class EngineLock:
    """The right to run the engine on the SQLite database `database`."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + ".lock")
        self._file: int | None = None
        watch_forks(self)

    def take(self, facts: Mapping[str, Any]) -> None:
        """Take it and note `facts` about the holder. Raises `EngineAlreadyActive` where another process has it."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DatabaseUnusable(f"cannot open the engine's lock {self._path}: {error.strerror}") from error
        if not _lock_within(file, PATIENCE_SECONDS):
            os.close(file)
            raise EngineAlreadyActive(f"an engine runs on this database already: {self._holder_text()}")
        self._file = file
        self._note(file, facts)

    def _note(self, file: int, facts: Mapping[str, Any]) -> None:
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, (json.dumps(dict(facts)) + "\n").encode(), 0)
        except OSError:
            # The note is for people; a full disk must not keep the holder of the lock from working.
            return

    def forked(self) -> None:
        """In a forked process: let go of the parent's lock, which would otherwise outlive the parent."""
        self.release()

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def is_held(self) -> bool:
        """Whether any process, this one included, holds it."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            # A shared lock, so that two processes that ask at the same time do not see each other.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(file)
        return False

    def holder(self) -> dict[str, Any]:
        """What the last holder noted about itself; empty where nothing can be read."""
        try:
            facts = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    def _holder_text(self) -> str:
        facts = self.holder()
        if "process" not in facts:
            return "another process"
        return f"process {facts['process']} on {facts.get('host', 'this host')}, since {facts.get('since', 'unknown')}"


def _lock_within(file: int, seconds: float) -> bool:
    patience = threading.Event()
    for _ in range(10):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            patience.wait(seconds / 10)
        else:
            return True
    return False
