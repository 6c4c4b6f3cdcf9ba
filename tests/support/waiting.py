"""Waiting for what a test needs, instead of for time to pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

PATIENCE = 30.0
"""Seconds: far more than anything takes, on a busy machine too."""

_LOOK_EVERY = 0.01


def wait_for(look: Callable[[], Found], what: str = "", patience: float = PATIENCE) -> Found:
    """Look until there is something to see, and return it. Fails the test when it does not come."""
    end = time.monotonic() + patience
    pause = threading.Event()
    while not (found := look()):
        assert time.monotonic() < end, f"waited {patience:g} s in vain for {what or look}"
        pause.wait(_LOOK_EVERY)
    return found
