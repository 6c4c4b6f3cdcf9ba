"""What the figures hang on: processor, memory, system, versions and the disk's sync time. Called by __main__."""

import os
import platform
import statistics
import subprocess
import tempfile
import time
from pathlib import Path


def describe(python: Path, folder: Path, postgresql: str) -> str:
    """The machine in a line; `python` runs the sides, `folder` is on the disk of their SQLite files."""
    return "; ".join(
        [
            f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GiB",
            _system(),
            _python(python),
            f"PostgreSQL {postgresql}",
            f"a write and sync of 8 KiB takes {_sync_microseconds(folder):.0f} µs (median of 200)",
        ]
    )


def load() -> str:
    """The load average of the last minute, which shows a machine that others use too."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = f"macOS {platform.mac_ver()[0]}" if platform.mac_ver()[0] else platform.system()
    return f"{name}, {platform.system()} {platform.release()}"


def _python(python: Path) -> str:
    probe = "import platform, sqlite3; print(f'Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}')"
    return subprocess.run([python, "-c", probe], capture_output=True, text=True, check=True).stdout.strip()


def _sync_microseconds(folder: Path) -> float:
    """A commit waits for this at least; macOS has no fdatasync, where fsync stands in."""
    sync = getattr(os, "fdatasync", os.fsync)
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(200):
            begun = time.perf_counter()
            os.pwrite(file.fileno(), b"\0" * 8192, 0)
            sync(file.fileno())
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1e6
