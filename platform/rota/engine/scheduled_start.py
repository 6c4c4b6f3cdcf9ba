"""The background job that runs a scheduled job: the scheduler starts it when it is due, the facade by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rota.model.background_job import NewJob
from rota.model.command import Command
from rota.model.ids import new_id
from rota.model.scheduled_job import ScheduledJob


def background_job_of(
    job: ScheduledJob,
    now: datetime,
    *,
    nominal_start: datetime | None = None,
    stop_at: datetime | None = None,
    interval: float | None = None,
) -> NewJob:
    """The background job that runs a scheduled job, from its effective properties."""
    effective = job.effective_properties()
    return NewJob(
        id=new_id(),
        method=effective["method"],
        command=_command(effective) if effective["command"] else None,
        name=job.name,
        parameters=effective["parameters"],
        key=effective["key"],
        key_scope=f"definition {job.definition_id}",
        user=effective["user"],
        executor=effective["executor"],
        priority=effective["priority"],
        retry=job.retry,
        timeout=effective["timeout"],
        due_at=now,
        created_at=now,
        configuration=job.configuration,
        definition=job.definition,
        scheduled_job=job.id,
        nominal_start=nominal_start,
        stop_at=stop_at,
        completion_interval=interval or None,
    )


def _command(effective: Mapping[str, Any]) -> Command:
    return Command(
        argv=tuple(effective["command"]),
        environment=effective["environment"],
        working_directory=effective["working_directory"],
        ok_exit_codes=tuple(effective["ok_exit_codes"]),
    )
