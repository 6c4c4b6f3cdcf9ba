"""A process with less than it is used to: no right to overlook permissions, no room on its disk."""

from __future__ import annotations

import ctypes
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2
_ROOM = 128 * 1024


def obey_permissions() -> None:
    """In a child before its program starts: permissions hold for it even if it is root's (Linux)."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "permissions cannot be made to hold for root")


@contextmanager
def little_room(folder: Path) -> Iterator[Callable[[], None] | None]:
    """While inside, 128 KiB fit into `folder`: a file system of its own where one may be mounted.

    Elsewhere what is given back makes a child of it, called before its program starts, unable to write larger files.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        command = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "rota-test", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode == 0:
            try:
                yield None
            finally:
                subprocess.run(["umount", folder], check=True)
            return
    yield _limit_files


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM // 4, _ROOM // 4))
