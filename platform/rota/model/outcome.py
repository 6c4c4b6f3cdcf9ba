"""How one attempt ended: in memory, before it is decided what that means for its job."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from rota.model.values import Json


class End(StrEnum):
    """The ways in which an attempt ends."""

    RETURNED = "returned"
    """The method returned, or the command exited with one of its good exit codes."""

    RAISED = "raised"
    """The method raised, or the command exited with another code."""

    DIED = "died"
    """Its worker process died: a signal, out of memory, `os._exit`."""

    STOPPED = "stopped"
    """It was told to stop (cancellation, timeout, completion, shutdown) and did, or was made to."""

    LOST = "lost"
    """Its node died or lost its lease."""


class ErrorInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong, as data. `permanent`: a restart is useless."""

    type: str
    message: str
    traceback: str | None = None
    permanent: bool = False

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type

    def to_data(self) -> dict[str, Any]:
        return {"type": self.type, "message": self.message, "traceback": self.traceback}

    @classmethod
    def from_data(cls, data: Mapping[str, Any] | None) -> ErrorInfo | None:
        if not data:
            return None
        return cls(type=data["type"], message=data["message"], traceback=data.get("traceback"))


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one attempt. `result` is JSON and only set for RETURNED; `error` for every other end."""

    end: End
    result: Json = None
    error: ErrorInfo | None = None
