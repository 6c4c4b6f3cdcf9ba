"""What becomes of background jobs: the oracle of their machine. Runs take no time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

INTERVAL = timedelta(seconds=10)
ACTIVE = ("queued", "waiting", "running")


@dataclass
class Job:
    """`behind`: it waits for its key. A map is `running` until all of its children are over.

    `emitted` is what `work` handed out, `received` how much of it was received.
    """

    id: str
    scripts: list[list[str]]
    due: datetime
    kind: str = "work"
    key: str | None = None
    restarts: int = 0
    behind: bool = False
    state: str = "queued"
    attempts: int = 0
    end: datetime | None = None
    emitted: list[Any] = field(default_factory=list)
    received: int = 0

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


class Jobs:
    """All of them, in the order in which they were started."""

    def __init__(self) -> None:
        self.all: dict[str, Job] = {}

    def holder(self, key: str | None) -> Job | None:
        """Who has the key."""
        found = (job for job in self.all.values() if job.active and not job.behind and job.key == key)
        return None if key is None else next(found, None)

    def add(self, job: Job) -> None:
        job.behind = self.holder(job.key) is not None
        self.all[job.id] = job

    def run_due(self, now: datetime) -> None:
        """Run whatever can run by now."""
        while able := [job for job in self.all.values() if job.active and not job.behind and job.due <= now]:
            self._attempt(able[0], now)

    def _attempt(self, job: Job, now: datetime) -> None:
        job.attempts += 1
        if job.kind != "work":
            words = [self._emit(job, script, 1) for script in job.scripts]
            failed = job.kind == "map" and any(word != "ok" for word in words)
            self.end(job, "failed" if failed else "completed", now)
            return
        word = self._emit(job, job.scripts[0], job.attempts)
        if word == "fail" and job.attempts <= job.restarts:
            job.state, job.due = "waiting", now + INTERVAL
        else:
            self.end(job, "completed" if word == "ok" else "failed", now)

    @staticmethod
    def _emit(job: Job, script: list[str], attempt: int) -> str:
        word = script[min(attempt, len(script)) - 1]
        job.emitted += [[attempt, 0], [attempt, 1], *([attempt] if word == "ok" else [])]
        return word

    def end(self, job: Job, state: str, now: datetime) -> None:
        """It is over, and the first that waits for its key has it."""
        had_key = not job.behind
        job.state, job.end, job.behind = state, now, False
        if had_key and job.key is not None:
            for each in self.all.values():
                if each.active and each.key == job.key:
                    each.behind = False
                    return

    def forget(self, before: datetime, keep: int) -> None:
        """What retention does."""
        finished = [job for job in self.all.values() if job.end is not None]
        newest = sorted(finished, key=lambda job: job.end or before)[::-1][:keep]
        for job in finished:
            if job not in newest or (job.end is not None and job.end < before):
                del self.all[job.id]
