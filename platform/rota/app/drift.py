"""Drift: where scheduled jobs are not what their configuration says, by whom, since when and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import asdict

from rota.app import scheduled
from rota.app.context import Context
from rota.app.history import applied_one
from rota.model.values import Json


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """One override: the value in force, and the `configured` one that it hides. `until`: when it ends by itself.

    For a scheduled job made by hand (`predefined` is false) the configured value is that of its definition.
    """

    configuration: str
    scheduled_job: str
    predefined: bool
    property: str
    value: Json
    configured: Json
    by: str
    at: datetime
    until: datetime | None
    reason: str | None

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


def drift(context: Context, configuration: str | None = None) -> list[Drift]:
    """Every override in force, by configuration, scheduled job and property. Raises `RevisionNotFound`."""
    found = scheduled.select(context)
    if configuration is not None:
        with context.store.read() as tx:
            applied_one(tx, configuration)
    return [
        Drift(
            configuration=job.configuration,
            scheduled_job=job.name,
            predefined=job.predefined,
            property=name,
            value=override.value,
            configured=job.configured.get(name),
            by=override.by,
            at=override.at,
            until=override.until,
            reason=override.reason,
        )
        for job in found
        if configuration is None or job.configuration == configuration
        for name, override in sorted(job.overrides.items())
    ]
