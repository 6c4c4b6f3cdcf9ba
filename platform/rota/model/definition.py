"""What a configuration declares: its header, its executors and its job definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rota.model.command import OK_EXIT_CODES
from rota.model.retry import RetryPolicy
from rota.model.users import ADMINISTRATOR
from rota.model.values import Json, Parameters
from rota.schedule import Schedule

BUILT_IN_EXECUTORS = ("process", "thread", "async", "command")
"""The executors that exist without being declared; each is of the kind of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSpec:
    """A named place to run: `kind` is one of the built-in ones; `workers` is how many attempts at once."""

    name: str
    kind: str
    workers: int | None = None

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "workers": self.workers}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long finished background jobs are kept: at most `age` seconds, and the newest `count`."""

    age: int = 86_400
    count: int = 1_000

    def to_data(self) -> dict[str, Any]:
        return {"age": self.age, "count": self.count}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One job as its configuration declares it, every default filled in. `timeout` is in seconds.

    Exactly one of `method` and `command`, an argv, is set. `environment`, `working_directory` (absolute) and
    `ok_exit_codes` are a command's.

    Without slots, so that its properties are put together once: digest, plan, database and output all ask for them.
    """

    name: str
    method: str | None = None
    command: tuple[str, ...] | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    working_directory: str | None = None
    ok_exit_codes: tuple[int, ...] = OK_EXIT_CODES
    description: str = ""
    parameters: Parameters = None
    key: str | None = None
    predefined: bool = True
    use: bool = True
    retry: RetryPolicy = RetryPolicy()
    schedule: Schedule | None = None
    executor: str = "process"
    timeout: float | None = None
    user: str = ADMINISTRATOR
    priority: int = 0
    renamed_from: str | None = None

    def properties(self) -> Mapping[str, Json]:
        """The declared properties as JSON, by their names in YAML; what is stored and compared."""
        return self._properties

    @cached_property
    def _properties(self) -> Mapping[str, Json]:
        return {
            "description": self.description,
            "method": self.method,
            "command": list(self.command) if self.command else None,
            "environment": dict(self.environment),
            "working_directory": self.working_directory,
            "ok_exit_codes": list(self.ok_exit_codes),
            "parameters": self.parameters,
            "key": self.key,
            "predefined": self.predefined,
            "use": self.use,
            "retry": self.retry.to_data(),
            "schedule": self.schedule.to_data() if self.schedule else None,
            "executor": self.executor,
            "timeout": self.timeout,
            "user": self.user,
            "priority": self.priority,
        }


OVERRIDABLE = ("description", "key", "use", "schedule", "retry", "user", "executor", "timeout", "priority")
"""The properties of a scheduled job that an administrator may override at run time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A checked configuration: everything that `apply` needs.

    `path` holds absolute folders for the import path. `document` is the whole resolved configuration as JSON: what a
    revision keeps. `text` is that document in canonical form, and `digest` the SHA-256 of it.
    """

    name: str
    description: str = ""
    timezone: str = "UTC"
    modules: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    executors: tuple[ExecutorSpec, ...] = ()
    retention: Retention = Retention()
    definitions: tuple[Definition, ...] = ()
    document: Mapping[str, Any] = field(default_factory=dict)
    text: bytes = field(default=b"", repr=False)
    digest: str = ""
    source: str = ""
