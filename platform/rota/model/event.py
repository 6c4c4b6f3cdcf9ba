"""Events: what is announced while an engine works. Wording them for people is done in one place, by a subscriber."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class Name(StrEnum):
    """The name of everything that is ever announced."""

    ENGINE_STARTED = "engine.started"
    ENGINE_STANDS_BY = "engine.stands_by"
    ENGINE_STOPPING = "engine.stopping"
    ENGINE_STOPPED = "engine.stopped"
    JOB_DUE = "job.due"
    JOB_MISSED = "job.missed"
    JOB_HELD = "job.held"
    JOB_STARTED = "job.started"
    JOB_EMITTED = "job.emitted"
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    JOB_WAITING = "job.waiting"
    JOB_STOPPING = "job.stopping"
    JOB_REFUSED = "job.refused"
    OVERRIDE_ENDED = "override.ended"
    LOCK_TAKEN = "lock.taken"
    LOCK_ENDED = "lock.ended"
    NODE_LOST = "node.lost"
    JOBS_REMOVED = "jobs.removed"
    CONFIGURATION_APPLIED = "configuration.applied"
    CONFIGURATION_WARNED = "configuration.warned"
    CONFIGURATION_REFUSED = "configuration.refused"
    CODE_CHANGED = "code.changed"
    CODE_REFUSED = "code.refused"
    FILES_FOLLOWED = "files.followed"
    SERVICE_TROUBLED = "service.troubled"
    SERVICE_FAILED = "service.failed"


class Event(msgspec.Struct, frozen=True):
    """Something that happened, with its facts."""

    name: Name
    at: datetime
    facts: Mapping[str, Any]


Announce = Callable[[Event], None]
"""Tells the world. Must not raise and must not block."""
