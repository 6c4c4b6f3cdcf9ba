"""What others commit to an SQLite database, by its version counter: for engines and waiters, by way of the wake-ups."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from rota.model.errors import DatabaseUnavailable
from rota.store.connection import inode_of


class Changes:
    """Tells cheaply whether another connection has committed to an SQLite database since the last look."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._opened: tuple[int, int] | None = None
        self._seen: int | None = None

    def seen_one(self) -> bool:
        """Whether something was committed since the last call; the first call says yes."""
        try:
            if self._connection is None:
                self._opened = inode_of(self._file)
                self._connection = sqlite3.connect(f"{self._file.as_uri()}?mode=ro", uri=True, check_same_thread=False)
            version = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            self.close()
            raise DatabaseUnavailable(f"database {self._file}: {error}") from error
        changed = version != self._seen
        self._seen = version
        return bool(changed)

    def look_at_file(self) -> None:
        """Have the next look count as the first where another file is at the path by now, or none."""
        if self._connection is not None and inode_of(self._file) != self._opened:
            self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = self._seen = None
