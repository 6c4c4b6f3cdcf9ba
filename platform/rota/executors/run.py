"""One attempt in a pool of workers, from its start to its end."""

from __future__ import annotations

from rota.executors.base import Now
from rota.executors.reporter import Reporter
from rota.model.attempt import Attempt, Reports


class Run:
    """What the pool knows of an attempt."""

    __slots__ = ("attempt", "command_group", "has_begun", "is_paused", "is_stopping", "reporter")

    def __init__(self, attempt: Attempt, reports: Reports, now: Now) -> None:
        self.attempt = attempt
        self.reporter = Reporter(attempt, reports, now)
        self.has_begun = False
        """Whether a worker has reported its begin."""
        self.is_stopping = False
        """Whether somebody asked for its end."""
        self.is_paused = False
        """Whether it waits for others, and lends its slot."""
        self.command_group: int | None = None
        """The process group of its command, once that runs."""
