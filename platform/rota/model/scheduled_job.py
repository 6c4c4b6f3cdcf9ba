"""A scheduled job: one job in the database, with a definition, overrides, and its place in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import msgspec

from rota.model.retry import RetryPolicy
from rota.model.values import Json, Parameters

if TYPE_CHECKING:
    from rota.schedule import Schedule


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """A value that an administrator set at run time, and who, when and why. `until`: when it ends by itself."""

    value: Json
    by: str
    at: datetime
    reason: str | None = None
    until: datetime | None = None


class LastJob(msgspec.Struct, frozen=True, kw_only=True):
    """The scheduled job's last run, kept beyond retention."""

    id: str
    state: str
    begin_at: datetime | None
    end_at: datetime | None


class ScheduledJob(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled job as stored. `configured` holds the definition's properties, `overrides` what hides them.

    `active_since`: when it got its schedule or was switched on; no occurrence starts before it. `considered`: every
    occurrence up to it has been started, coalesced or missed. `active_job`: the background job that runs it now.
    `look_at`: when the scheduler looks at it next. `held`: why a due occurrence could not start at the last look.
    """

    id: str
    name: str
    definition: str
    definition_id: int
    configuration: str
    predefined: bool
    configured: Mapping[str, Json]
    overrides: Mapping[str, Override]
    active_since: datetime
    considered: datetime
    next_start: datetime | None
    look_at: datetime | None
    active_job: str | None
    last_job: LastJob | None
    held: str | None
    missed: int
    unresolved: str | None
    created_at: datetime

    def effective(self, name: str) -> Json:
        """The override where there is one, else the configured value."""
        override = self.overrides.get(name)
        return override.value if override is not None else self.configured.get(name)

    def effective_properties(self) -> dict[str, Any]:
        """Every property of the definition, with the overrides in force."""
        return {**self.configured, **{name: override.value for name, override in self.overrides.items()}}

    @property
    def use(self) -> bool:
        return bool(self.effective("use"))

    @property
    def schedule(self) -> Schedule | None:
        data: Any = self.effective("schedule")
        return _parsed(msgspec.json.encode(data)) if data else None

    @property
    def retry(self) -> RetryPolicy:
        data: Any = self.effective("retry")
        return RetryPolicy.from_data(data)

    @property
    def parameters(self) -> Parameters:
        return cast("Parameters", self.effective("parameters"))

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form, with instants as datetimes. Absent values are None, never missing keys."""
        schedule = self.schedule
        of_command = self.configured if self.configured.get("command") else {}
        return {
            "id": self.id,
            "name": self.name,
            "definition": self.definition,
            "configuration": self.configuration,
            "predefined": self.predefined,
            "description": self.effective("description"),
            "method": self.configured.get("method"),
            "command": self.configured.get("command"),
            "environment": of_command.get("environment"),
            "working_directory": of_command.get("working_directory"),
            "ok_exit_codes": of_command.get("ok_exit_codes"),
            "key": self.effective("key"),
            "use": self.use,
            "user": self.effective("user"),
            "parameters": self.parameters,
            "schedule": schedule.to_data() if schedule else None,
            "schedule_text": schedule.describe() if schedule else None,
            "retry": self.retry.to_data(),
            "executor": self.effective("executor"),
            "timeout": self.effective("timeout"),
            "priority": self.effective("priority"),
            "overrides": {
                name: {"value": o.value, "by": o.by, "at": o.at, "reason": o.reason, "until": o.until}
                for name, o in self.overrides.items()
            },
            "active_since": self.active_since,
            "next_start": self.next_start,
            "last_job": _last_job_data(self.last_job),
            "running": self.active_job is not None,
            "held": self.held,
            "missed": self.missed,
            "unresolved": self.unresolved,
        }


@lru_cache(maxsize=4096)
def _parsed(data: bytes) -> Schedule:
    """A scheduler pass asks for the same schedules again and again, and many jobs share one; parsing takes 80 µs."""
    from rota.schedule import Schedule

    return Schedule.parse(msgspec.json.decode(data))


def _last_job_data(last: LastJob | None) -> dict[str, Any] | None:
    if last is None:
        return None
    return {"id": last.id, "state": last.state, "begin_at": last.begin_at, "end_at": last.end_at}
