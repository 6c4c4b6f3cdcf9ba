"""A schedule as an APScheduler 3 trigger. Made by `Schedule.as_trigger`, and imported only then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger

from rota.schedule import instants
from rota.schedule.schedule import Schedule


class ScheduleTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 ships no types
    """Fires at the nominal starts of a schedule, the first of them at or after it became active.

    APScheduler knows one instant for each start: windows, pauses and completion are for Rota's engine.
    """

    __slots__ = ("active_since", "schedule")

    def __init__(self, schedule: Schedule, active_since: datetime | None = None) -> None:
        if active_since is not None:
            instants.floor(active_since)  # a naive one fails here, not in the scheduler's thread
        self.schedule = schedule
        self.active_since = active_since

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next start in UTC, or none. Called by APScheduler, at first without a previous one."""
        if self.active_since is None:
            self.active_since = now
        after = previous_fire_time or now - timedelta(microseconds=1)
        occurrence = next(self.schedule.occurrences(after, self.active_since), None)
        return occurrence.start if occurrence else None

    def __getstate__(self) -> dict[str, Any]:
        """Plain data: what a job store keeps outlives this version. APScheduler's combining triggers ask for it too."""
        return {"version": 1, "schedule": self.schedule.to_data(), "active_since": self.active_since}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.schedule = Schedule.parse(state["schedule"])
        self.active_since = state["active_since"]

    def __str__(self) -> str:
        return self.schedule.describe()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.schedule!r}>"
