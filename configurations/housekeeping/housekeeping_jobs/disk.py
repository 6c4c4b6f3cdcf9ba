"""Watch the space on a disk, and keep the measurements."""

import logging
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)


class DiskNearlyFull(Exception):
    """More of the disk is used than the threshold allows."""


def watch(path: str = ".", folder: str = "var", threshold: float = 0.9) -> float:
    """Measure the disk that holds `path` and return the used share, from 0 to 1.

    Each measurement is added to `measurements.db` in `folder`, also the one that raises `DiskNearlyFull` because it is
    above `threshold`.
    """
    usage = shutil.disk_usage(path)
    used = round(usage.used / usage.total, 4)
    _keep(Path(folder), path, used)
    log.info("%s: %.1f %% used, %.1f GiB free", path, used * 100, usage.free / 2**30)
    if used > threshold:
        raise DiskNearlyFull(f"{used:.1%} of the disk with {path} is used; the threshold is {threshold:.1%}")
    return used


def _keep(folder: Path, path: str, used: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "measurements.db")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS measurement (at TEXT, path TEXT, used REAL)")
        database.execute("INSERT INTO measurement VALUES (?, ?, ?)", (datetime.now(UTC).isoformat(), path, used))
