"""What ends a worker's processes with the engine, even while no Python can run in them.

The worker holds the reading end of a pipe on which nothing is ever written. The moment the other end closes, because
the engine closed it or died, Linux itself sends SIGKILL to a whole process group (asynchronous I/O notification,
fcntl(2): F_SETOWN, F_SETSIG). A parent-death signal would reach the worker alone and leave its children behind.
Where the kernel cannot do this (macOS), the worker's listening thread is the only line.
"""

from __future__ import annotations

import fcntl
import os
import signal


class Lifeline:
    """Owns the descriptor. What a child process inherits of it works on after the worker's own death."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        if (set_signal := getattr(fcntl, "F_SETSIG", None)) is not None:
            flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
            fcntl.fcntl(descriptor, set_signal, signal.SIGKILL)
            fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_ASYNC)
            self._armed = True
        else:
            self._armed = False

    def guard(self, group: int | None) -> None:
        """The process group that is killed with the engine; None for nobody."""
        if self._armed:
            fcntl.fcntl(self.descriptor, fcntl.F_SETOWN, -group if group is not None else 0)
