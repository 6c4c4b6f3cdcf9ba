"""Looking at processes, and waiting for what nobody announces."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
TIMEOUT = 30.0


def eventually(is_so: Callable[[], bool], what: str) -> None:
    """Wait until `is_so`. For facts of the operating system only, which sends no notice of them."""
    limit = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < limit, f"not within {TIMEOUT} s: {what}"
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return _stat(process)[:1] != ["Z"]


def is_group_alive(group: int) -> bool:
    """Whether any process of the group runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    stats = [_stat(int(each.name)) for each in PROC.iterdir() if each.name.isdigit()] if PROC.exists() else []
    return not PROC.exists() or any(stat[2:3] == [str(group)] and stat[0] != "Z" for stat in stats)


def wait_until_gone(processes: Iterable[int]) -> None:
    for process in processes:
        eventually(lambda process=process: not is_alive(process), f"process {process} is gone")


def _stat(process: int) -> list[str]:
    """State, parent, group and more, as proc(5) has them; nothing where there is no such file."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return (PROC / str(process) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return []
