"""The states of a background job: one vocabulary for table, API, command line and docs."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a background job stands."""

    QUEUED = "queued"
    """It waits for its due time, its key and a free slot. A dispatcher moves it on, a cancellation ends it."""

    RUNNING = "running"
    """A node holds its lease and carries out an attempt."""

    WAITING = "waiting"
    """An attempt ended abnormally, or was handed back; it runs again, from the beginning, when it is due."""

    COMPLETED = "completed"
    """Its method returned, or its program exited with one of its good exit codes."""

    FAILED = "failed"
    """It ended abnormally and no restart is left."""

    CANCELLED = "cancelled"
    """Somebody asked for it, or a deadline passed; the reason says which."""


ACTIVE = (State.QUEUED, State.RUNNING, State.WAITING)
"""The states in which a job holds its key and may still run."""

FINISHED = (State.COMPLETED, State.FAILED, State.CANCELLED)
"""The states that are never left."""
