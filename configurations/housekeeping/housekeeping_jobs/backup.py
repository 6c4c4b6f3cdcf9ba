"""Back up an SQLite database while others use it."""

import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from rota import PermanentFailure

from .files import replacing

log = logging.getLogger(__name__)


def back_up(database: str, folder: str = "var/backups") -> str:
    """Copy `database` into `folder` and return the copy's path, `NAME-20300131T010000Z.db`.

    The copy appears under its name only once it is complete and SQLite has found it sound. Raises `PermanentFailure`
    if there is no such database, and `sqlite3.DatabaseError` if the copy is damaged.
    """
    source = Path(database)
    if not source.is_file():
        raise PermanentFailure(f"there is no database {source}")
    target = Path(folder) / f"{source.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db"
    with replacing(target) as draft:
        _copy(source, draft)
        _verify(draft)
    log.info("backed up %s to %s (%d bytes)", source, target, target.stat().st_size)
    return str(target)


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
        # The original may be in WAL mode; a backup is one file.
        copy.execute("PRAGMA journal_mode = DELETE")


def _verify(path: Path) -> None:
    with closing(sqlite3.connect(path)) as copy:
        (verdict,) = copy.execute("PRAGMA integrity_check").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")
