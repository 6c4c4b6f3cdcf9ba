"""What a method leaves running in its worker's process group. Asked by the worker after each attempt.

A job that is over has no processes: a worker with any left is not used again, and killed together with them. Whoever
wants a process to outlive its job starts it in a session of its own.
"""

from __future__ import annotations

import os
import sys

_PR_SET_CHILD_SUBREAPER = 36
"""prctl(2)"""


def adopt_orphans() -> None:
    """Become the parent of those whose parent dies, so that none is overlooked. Linux alone has this."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def any_left() -> bool:
    """Whether a child of this process still runs in its group. Children that have ended are forgotten."""
    try:
        while os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG) is not None:
            pass
        # There are children. Those in other groups have left this one on purpose.
        os.waitid(os.P_PGID, os.getpgrp(), os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
