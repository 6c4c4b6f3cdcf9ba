"""A large configuration that `rota run --watch` follows: from a save of one of its files until it is applied."""

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.benchmarks import script, written
from tests.benchmarks.rota_side.applied import ROTA
from tests.benchmarks.running import running

SAVES = 20
# Seconds between a reload and the next save, and between two looks at the database.
APART, EVERY = 0.5, 0.001


def main() -> None:
    """Start the engine, save a file again and again, answer."""
    asked = script.arguments("files")
    folder = written.write(asked.folder / "large", jobs=asked.jobs, files=asked.files)
    (folder / "bench_jobs.py").write_text("def nothing(number): ...\n")
    command = [
        ROTA,
        "run",
        str(folder),
        "--watch",
        "--no-scheduler",
        "--database",
        script.sqlalchemy_url(asked.database),
    ]
    with running([command], folder=asked.folder) as engine:
        engine.wait_until(lambda: "running as" in engine.log.read_text(), every=0.05)
        with closing(sqlite3.connect(asked.database)) as database:
            spans = [
                _reload(database, _edit(folder / "jobs" / "000.yaml", save), engine.check) for save in range(SAVES)
            ]
    script.answer(
        f"{script.named('rota')}: {script.counted(asked.files, 'file')}, {SAVES} saves",
        median=statistics.median(spans) * 1000,
        slowest=max(spans) * 1000,
    )


def _edit(file: Path, save: int) -> Callable[[], object]:
    """One job of the file gets another interval."""
    text = file.read_text().replace(
        f"interval: {100 + save - 1}s" if save else "interval: 30s", f"interval: {100 + save}s", 1
    )
    return lambda: file.write_text(text)


def _reload(database: sqlite3.Connection, save: Callable[[], object], check: Callable[[], None]) -> float:
    """Seconds from the save until another program sees the new revision."""
    time.sleep(APART)
    before = _revision(database)
    begun = time.monotonic()
    save()
    while _revision(database) == before:
        check()
        time.sleep(EVERY)
    return time.monotonic() - begun


def _revision(database: sqlite3.Connection) -> int:
    found: int = database.execute("select revision from rota_configuration").fetchone()[0]
    return found


if __name__ == "__main__":
    script.run(main)
