"""The two pictures that a plan compares: what a configuration declares, and what the database holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from rota.model.definition import Definition
from rota.model.scheduled_job import ScheduledJob
from rota.model.values import Json


class ActualDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A definition in the database. `scheduled_jobs` are its jobs, predefined or made by hand."""

    id: int
    name: str
    properties: Mapping[str, Json]
    scheduled_jobs: tuple[ScheduledJob, ...] = ()

    @property
    def predefined_job(self) -> ScheduledJob | None:
        return next((job for job in self.scheduled_jobs if job.predefined), None)

    @property
    def hand_made_jobs(self) -> tuple[ScheduledJob, ...]:
        return tuple(job for job in self.scheduled_jobs if not job.predefined)


Pair: TypeAlias = tuple[Definition, ActualDefinition | None]
"""A declared definition with the one in the database that it is or becomes, if there is one."""


class Actual(msgspec.Struct, frozen=True, kw_only=True):
    """What the database holds of one configuration. `header` is what it says about itself; revision 0: never applied.

    `root` is the folder that it was last applied from.
    `users` are those of the users named by the configuration that exist, or all where one of them does not. `waiting`
    counts the background jobs that wait for an executor which the applied configuration has and the desired one has
    not.
    """

    revision: int
    digest: str
    header: Mapping[str, Any]
    definitions: Mapping[str, ActualDefinition]
    users: frozenset[str]
    root: str = ""
    waiting: Mapping[str, int] = msgspec.field(default_factory=dict)
