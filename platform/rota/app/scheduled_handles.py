"""Scheduled jobs in Python: what `platform.scheduled_jobs` is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rota.app import scheduled
from rota.app.context import Context
from rota.app.job_handle import Job
from rota.model.scheduled_job import LastJob, ScheduledJob
from rota.schedule import Occurrence


class ScheduledJobHandle:
    """A scheduled job. Its properties are as of the last `refresh`."""

    def __init__(self, context: Context, seen: ScheduledJob) -> None:
        self._context = context
        self._seen = seen

    @property
    def id(self) -> str:
        return self._seen.id

    @property
    def name(self) -> str:
        return self._seen.name

    @property
    def predefined(self) -> bool:
        return self._seen.predefined

    @property
    def use(self) -> bool:
        """Whether it runs on its schedule, overrides considered."""
        return self._seen.use

    @property
    def last_job(self) -> LastJob | None:
        return self._seen.last_job

    @property
    def next_start(self) -> datetime | None:
        return self._seen.next_start

    def to_data(self) -> dict[str, Any]:
        """Every field, as the JSON form has them."""
        return self._seen.to_data()

    def refresh(self) -> ScheduledJobHandle:
        """Read it again."""
        self._seen = scheduled.find(self._context, self.id)
        return self

    def set(self, *, reason: str | None = None, until: datetime | None = None, **values: Any) -> ScheduledJobHandle:
        """Override properties, until they are reset or `until` has come: `set(use=False, reason="maintenance")`."""
        self._seen = scheduled.override(self._context, self.id, values, reason, until)
        return self

    def reset(self, *properties: str) -> ScheduledJobHandle:
        """Lift the overrides of `properties`, or all."""
        self._seen = scheduled.reset(self._context, self.id, properties)
        return self

    def start(self) -> Job:
        """Start it now, whatever its schedule says."""
        return Job(self._context, scheduled.start(self._context, self.id))

    def delete(self) -> None:
        """Delete it. Raises `PredefinedJobError` for a predefined one."""
        scheduled.delete(self._context, self.id)

    def next_occurrences(self, count: int = 5) -> list[Occurrence]:
        """Its next nominal occurrences."""
        schedule = self._seen.schedule
        if schedule is None or not self._seen.use:
            return []
        return schedule.next_occurrences(self._context.now(), count, active_since=self._seen.active_since)

    def __repr__(self) -> str:
        return f"<ScheduledJob {self.name} of {self._seen.configuration}>"


class ScheduledJobs:
    """The scheduled jobs of a platform."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def get(self, selector: str) -> ScheduledJobHandle:
        """The job of that name, id, or `configuration/name`. Raises `JobNotFound`."""
        return ScheduledJobHandle(self._context, scheduled.find(self._context, selector))

    def find(
        self, *, name: str | None = None, predefined: bool | None = None, use: bool | None = None
    ) -> list[ScheduledJobHandle]:
        """The jobs that meet every condition given, by name; `name` may hold `*`."""
        found = scheduled.select(self._context, name=name, predefined=predefined, use=use)
        return [ScheduledJobHandle(self._context, seen) for seen in found]

    def create(self, definition: str, *, name: str, reason: str | None = None, **values: Any) -> ScheduledJobHandle:
        """Make a job by hand from a definition: `create("report", name="Anna's", parameters={...}, schedule={...})`."""
        return ScheduledJobHandle(self._context, scheduled.create(self._context, definition, name, values, reason))
