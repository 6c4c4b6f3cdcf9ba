"""The state of everything at a glance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rota.app import rights
from rota.app.context import Context
from rota.model.acts import Act
from rota.model.definition import BUILT_IN_EXECUTORS
from rota.model.lapses import lapsed
from rota.model.lock import Lock
from rota.model.scheduled_job import ScheduledJob
from rota.store import background_jobs, configurations, locks, nodes, scheduled_jobs
from rota.store.configurations import AppliedConfiguration
from rota.store.nodes import Node

LATE = timedelta(seconds=30)
"""An occurrence that has been due for longer without starting is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`late` are scheduled jobs whose due occurrence has not started; `unresolved` those whose method is not found.

    `stranded` counts the background jobs that wait for an executor which no configuration has any more.

    `user` is whose view it is, where it is not an administrator's.
    """

    user: str | None
    database: str
    engine_active: bool
    nodes: list[Node]
    locks: list[Lock]
    configurations: list[AppliedConfiguration]
    background_jobs: dict[str, int]
    stranded: dict[str, int]
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
            "user": self.user,
            "database": self.database,
            "engine_active": self.engine_active,
            "nodes": [node.to_data() for node in self.nodes],
            "locks": [lock.to_data() for lock in self.locks],
            "configurations": [each.to_data() for each in self.configurations],
            "background_jobs": self.background_jobs,
            "stranded": self.stranded,
            "scheduled_jobs": {
                "total": len(self.scheduled_jobs),
                "used": sum(1 for job in self.scheduled_jobs if job.use),
                "overridden": [job.name for job in self.overridden],
                "unresolved": [job.name for job in self.unresolved],
                "late": [job.name for job in self.late],
            },
        }


def status(context: Context) -> Status:
    """What runs on this database, what is configured, and what needs a look.

    For a user: engines, locks, and counts of their own background jobs.
    """
    rights.require(context, Act.STATUS_SEE)
    user = rights.sees_only(context)
    now = context.now()
    with context.store.read() as tx:
        jobs = [lapsed(job, now) for job in scheduled_jobs.all_jobs(tx)] if user is None else []
        running = nodes.active(tx)
        held = locks.held(tx, now)
        applied = configurations.applied(tx) if user is None else []
        counts = background_jobs.count_by_state(tx, user=user)
        waiting = background_jobs.waiting_by_queue(tx) if user is None else {}
    active = context.engine_is_active()
    return Status(
        user=user,
        database=context.store.url,
        engine_active=active,
        nodes=running if active else [],
        locks=held,
        configurations=applied,
        background_jobs=counts,
        stranded=_stranded(waiting, applied),
        scheduled_jobs=jobs,
        late=[job for job in jobs if _is_late(job, now - LATE)],
    )


def _stranded(waiting: Mapping[str, int], applied: Sequence[AppliedConfiguration]) -> dict[str, int]:
    own = {each.queue_of(spec.name) for each in applied for spec in each.executors}
    return {queue: count for queue, count in waiting.items() if queue not in own and queue not in BUILT_IN_EXECUTORS}


def _is_late(job: ScheduledJob, before: Any) -> bool:
    return job.use and job.active_job is None and job.look_at is not None and job.look_at < before
