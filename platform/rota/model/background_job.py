"""A background job: one execution, as stored, as asked for, and as leased to a node."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from rota.model.attempt import Attempt
from rota.model.command import Command
from rota.model.outcome import ErrorInfo
from rota.model.retry import RetryPolicy
from rota.model.states import ACTIVE, FINISHED, State
from rota.model.values import Json, Parameters


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """A background job to be inserted. Exactly one of `method` and `command` is set; `timeout` is in seconds.

    `key_scope` is what the key is unique within: the method's name, or the definition for a scheduled job. `executor`
    is the plain name; `configuration` says whose, where it is not a built-in one. With `behind` the job gets in line
    for its key instead of taking it.
    """

    id: str
    method: str | None = None
    command: Command | None = None
    name: str
    parameters: Parameters = None
    key: str | None = None
    key_scope: str = ""
    behind: bool = False
    user: str
    executor: str
    priority: int = 0
    retry: RetryPolicy = RetryPolicy()
    timeout: float | None = None
    due_at: datetime
    created_at: datetime
    configuration: str | None = None
    definition: str | None = None
    scheduled_job: str | None = None
    nominal_start: datetime | None = None
    stop_at: datetime | None = None
    completion_interval: float | None = None


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A job claimed by a node: the right, and everything needed, to carry out one attempt.

    `sequence` is the row; `begin_at` the first attempt's begin; `output_bytes` what earlier attempts emitted. The lease
    holds as long as the row is still running under this node and attempt number.
    """

    sequence: int
    attempt: Attempt
    configuration: str | None
    queue: str
    retry: RetryPolicy
    restarts: int
    timeout: float | None
    begin_at: datetime
    claimed_at: datetime
    stop_at: datetime | None
    completion_interval: float | None
    scheduled_job: str | None
    output_bytes: int = 0


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is: `fraction` in 0..1."""

    fraction: float | None = None
    text: str | None = None


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt as stored. `node` is the node's name, as long as anybody knows it."""

    number: int
    begin_at: datetime | None
    end_at: datetime | None
    node: str | None
    process: int | None
    end: str | None
    error: ErrorInfo | None

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form."""
        return {
            "number": self.number,
            "begin_at": self.begin_at,
            "end_at": self.end_at,
            "node": self.node,
            "process": self.process,
            "end": self.end,
            "error": self.error.to_data() if self.error else None,
        }


class BackgroundJob(msgspec.Struct, frozen=True, kw_only=True):
    """A background job as stored, for showing. `executor` is the plain name.

    `children` counts them by state, where there are any; `unread` says whether whoever looks has something to receive.
    """

    id: str
    method: str | None
    command: Command | None
    name: str
    parameters: Parameters
    key: str | None
    user: str
    state: State
    reason: str | None = None
    attempt: int = 0
    created_at: datetime
    due_at: datetime
    begin_at: datetime | None = None
    end_at: datetime | None = None
    location: str | None = None
    executor: str
    priority: int
    scheduled_job: str | None
    definition: str | None
    nominal_start: datetime | None
    progress: Progress = Progress()
    result: Json = None
    error: ErrorInfo | None = None
    cancel_requested_at: datetime | None = None
    parent: str | None = None
    children: Mapping[str, int] | None = None
    unread: bool = False
    attempts: tuple[AttemptRecord, ...] = ()

    @classmethod
    def of(cls, new: NewJob) -> BackgroundJob:
        """The job as it is right after it was started."""
        return cls(
            id=new.id,
            method=new.method,
            command=new.command,
            name=new.name,
            parameters=new.parameters,
            key=new.key,
            user=new.user,
            state=State.QUEUED,
            created_at=new.created_at,
            due_at=new.due_at,
            executor=new.executor,
            priority=new.priority,
            scheduled_job=new.scheduled_job,
            definition=new.definition,
            nominal_start=new.nominal_start,
        )

    @property
    def finished(self) -> bool:
        return self.state in FINISHED

    @property
    def open(self) -> bool:
        """Whether more records may come, of the job or of its children."""
        return not self.finished or any((self.children or {}).get(state) for state in ACTIVE)

    def to_data(self) -> dict[str, Any]:
        """The fields of the JSON form, with instants as datetimes. Absent values are None, never missing keys."""
        return {
            "id": self.id,
            "method": self.method,
            "command": list(self.command.argv) if self.command else None,
            # Names alone: whoever owns the job sees it, and the values may be secrets of whoever defined it.
            "environment": sorted(self.command.environment) if self.command else None,
            "working_directory": self.command.working_directory if self.command else None,
            "ok_exit_codes": list(self.command.ok_exit_codes) if self.command else None,
            "name": self.name,
            "parameters": self.parameters,
            "key": self.key,
            "user": self.user,
            "state": str(self.state),
            "reason": self.reason,
            "attempt": self.attempt,
            "created_at": self.created_at,
            "due_at": self.due_at,
            "begin_at": self.begin_at,
            "end_at": self.end_at,
            "location": self.location,
            "executor": self.executor,
            "priority": self.priority,
            "parent": self.parent,
            "children": dict(self.children) if self.children else None,
            "scheduled_job": self.scheduled_job,
            "definition": self.definition,
            "nominal_start": self.nominal_start,
            "progress": {"fraction": self.progress.fraction, "text": self.progress.text},
            "unread": self.unread,
            "open": self.open,
            "result": self.result,
            "error": self.error.to_data() if self.error else None,
            "cancel_requested_at": self.cancel_requested_at,
        }
