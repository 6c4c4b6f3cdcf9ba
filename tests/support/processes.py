"""Looking at processes, and waiting for what nobody announces."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

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
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return not Path("/proc/self").exists()


def wait_until_gone(processes: Iterable[int]) -> None:
    for process in processes:
        eventually(lambda process=process: not is_alive(process), f"process {process} is gone")


def children() -> set[int]:
    """The processes that this one has started and that still run."""
    found = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):
            found |= {int(each) for each in (task / "children").read_text(encoding="utf-8").split()}
    return found
