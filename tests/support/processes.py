"""Looking at processes, and waiting for what nobody announces."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial

import psutil

TIMEOUT = 30.0


def eventually(is_so: Callable[[], bool], what: str) -> None:
    """Wait until `is_so`. For facts of the operating system only, which sends no notice of them."""
    limit = time.monotonic() + TIMEOUT
    while not is_so():
        assert time.monotonic() < limit, f"not within {TIMEOUT} s: {what}"
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    """Whether the process runs; one that has ended and waits for its parent does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    return False


def _is_gone(process: int) -> bool:
    return not is_alive(process)


def is_group_alive(group: int) -> bool:
    """Whether any process of the group runs."""
    return any(is_alive(process) for process in psutil.pids() if _group(process) == group)


def wait_until_gone(processes: Iterable[int]) -> None:
    for process in processes:
        eventually(partial(_is_gone, process), f"process {process} is gone")


def _group(process: int) -> int | None:
    with suppress(ProcessLookupError, PermissionError):
        return os.getpgid(process)
    return None
