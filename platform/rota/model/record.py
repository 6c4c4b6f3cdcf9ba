"""Records: everything that a job emits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rota.model.values import Json


class Stream(StrEnum):
    """What kind of thing a record is."""

    OUTPUT = "output"
    MESSAGE = "message"
    LOG = "log"
    STDOUT = "stdout"
    STDERR = "stderr"
    PROGRESS = "progress"
    EVENT = "event"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record. `number` is dense per root job, over all streams and children, from 1."""

    job: str
    attempt: int
    number: int
    stream: str
    at: datetime
    data: Json

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "job": self.job,
            "attempt": self.attempt,
            "number": self.number,
            "stream": self.stream,
            "at": self.at,
            "data": self.data,
        }
