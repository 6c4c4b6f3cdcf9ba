"""The state of everything at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rota.app.context import Context
from rota.model.lapses import lapsed
from rota.model.scheduled_job import ScheduledJob
from rota.store import background_jobs, configurations, nodes, scheduled_jobs
from rota.store.configurations import Applied
from rota.store.nodes import Node

LATE = timedelta(seconds=30)
"""An occurrence that has been due for longer without starting is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`late` are scheduled jobs whose due occurrence has not started; `unresolved` those whose method is not found."""

    database: str
    engine_active: bool
    nodes: list[Node]
    configurations: list[Applied]
    background_jobs: dict[str, int]
    scheduled_jobs: list[ScheduledJob]
    late: list[ScheduledJob]

    @property
    def overridden(self) -> list[ScheduledJob]:
        return [job for job in self.scheduled_jobs if job.overrides]

    @property
    def unresolved(self) -> list[ScheduledJob]:
        return [job for job in self.scheduled_jobs if job.unresolved]

    def to_data(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "engine_active": self.engine_active,
            "nodes": [node.to_data() for node in self.nodes],
            "configurations": [each.to_data() for each in self.configurations],
            "background_jobs": self.background_jobs,
            "scheduled_jobs": {
                "total": len(self.scheduled_jobs),
                "used": sum(1 for job in self.scheduled_jobs if job.use),
                "overridden": [job.name for job in self.overridden],
                "unresolved": [job.name for job in self.unresolved],
                "late": [job.name for job in self.late],
            },
        }


def status(context: Context) -> Status:
    """What runs on this database, what is configured, and what needs a look."""
    now = context.now()
    with context.store.read() as tx:
        jobs = [lapsed(job, now) for job in scheduled_jobs.all_jobs(tx)]
        running = nodes.active(tx)
        applied = configurations.applied(tx)
        counts = background_jobs.count_by_state(tx)
    active = context.engine_is_active()
    return Status(
        database=context.store.url,
        engine_active=active,
        nodes=running if active else [],
        configurations=applied,
        background_jobs=counts,
        scheduled_jobs=jobs,
        late=[job for job in jobs if _is_late(job, now - LATE)],
    )


def _is_late(job: ScheduledJob, before: Any) -> bool:
    return job.use and job.active_job is None and job.look_at is not None and job.look_at < before
