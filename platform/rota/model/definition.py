"""What a configuration declares: its header, its executors and its job definitions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from rota.model.command import OK_EXIT_CODES
from rota.model.retry import RetryPolicy
from rota.model.users import ADMINISTRATOR
from rota.model.values import Json, Parameters, canonical

if TYPE_CHECKING:
    from rota.schedule import Schedule

BUILT_IN_EXECUTORS = ("process", "thread", "async", "command")
"""The executors that exist without being declared; each is of the kind of its name."""


class ExecutorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A named place to run: `kind` is one of the built-in ones; `workers` is how many attempts at once."""

    name: str
    kind: str
    workers: int | None = None

    def to_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "workers": self.workers}


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """How long finished background jobs are kept: at most `age` seconds, and the newest `count`."""

    age: int = 86_400
    count: int = 1_000

    def to_data(self) -> dict[str, Any]:
        return {"age": self.age, "count": self.count}


class Definition(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One job as its configuration declares it, every default filled in. `timeout` is in seconds.

    Exactly one of `method` and `command`, an argv, is set. `environment`, `working_directory` (relative to the
    configuration's root, or absolute) and `ok_exit_codes` are a command's.

    With a dict, so that its properties are put together once: digest, plan, database and output all ask for them.
    """

    name: str
    method: str | None = None
    command: tuple[str, ...] | None = None
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)
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

    @cached_property
    def properties(self) -> Mapping[str, Json]:
        """The declared properties as JSON, by their names in YAML; what is stored and compared."""
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
            "schedule": self.schedule.data if self.schedule else None,
            "executor": self.executor,
            "timeout": self.timeout,
            "user": self.user,
            "priority": self.priority,
        }

    @cached_property
    def document(self) -> Mapping[str, Json]:
        """What a revision keeps of it: its properties, and its former name."""
        return {**self.properties, "renamed_from": self.renamed_from}

    @cached_property
    def entry(self) -> bytes:
        """Its document as an entry of canonical JSON: `"name":{...}`."""
        return b'"%b":%b' % (self.name.encode(), canonical(self.document))

    @cached_property
    def sealed(self) -> bytes:
        """The same with the SHA-256 of the entry in the document's place: `"name":"..."`."""
        return b'"%b":"%b"' % (self.name.encode(), hashlib.sha256(self.entry).hexdigest().encode())


OVERRIDABLE = ("description", "key", "use", "schedule", "retry", "user", "executor", "timeout", "priority")
"""The properties of a scheduled job that an administrator may override at run time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a configuration says beside its jobs. `path` holds the folders of its import path.

    They are relative to the configuration's root, or absolute.
    """

    name: str
    description: str = ""
    timezone: str = "UTC"
    modules: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    executors: tuple[ExecutorSpec, ...] = ()
    retention: Retention = Retention()

    @property
    def properties(self) -> Mapping[str, Any]:
        """The header as JSON, its name aside; what is stored and compared."""
        return {
            "description": self.description,
            "timezone": self.timezone,
            "modules": list(self.modules),
            "path": list(self.path),
            "executors": {executor.name: executor.to_data() for executor in self.executors},
            "retention": self.retention.to_data(),
        }


@dataclass(frozen=True, kw_only=True)
class Configuration(Header):
    """A checked configuration: everything that `apply` needs.

    `root` is the folder that it was read from; where it lies is no part of what it says. `digest` is what `seal` gives,
    empty where nobody asked. `renames` says what definitions are called now, where that is not theirs to say: going
    back to a revision undoes the renames since, and they are no part of what is applied; None: it is. `written`
    is its text where somebody has that already.

    Without slots, so that what is asked of all definitions is put together once.
    """

    definitions: tuple[Definition, ...] = ()
    renames: Mapping[str, str] | None = None
    digest: str = ""
    source: str = ""
    root: str = ""
    written: bytes = field(default=b"", compare=False, repr=False)

    @cached_property
    def by_name(self) -> Mapping[str, Definition]:
        """The definitions by their names."""
        return dict(zip(map(attrgetter("name"), self.definitions), self.definitions, strict=True))

    @cached_property
    def users(self) -> frozenset[str]:
        """The users whom its definitions name."""
        return frozenset(map(attrgetter("user"), self.definitions))

    @property
    def depends_on_root(self) -> bool:
        """Whether it names any folder relative to its root."""
        folders = (*self.path, *(each.working_directory for each in self.definitions))
        return any(folder is not None and not PurePath(folder).is_absolute() for folder in folders)

    @property
    def header(self) -> dict[str, Any]:
        """What its document says beside its jobs."""
        return {"name": self.name, **self.properties}

    @property
    def document(self) -> dict[str, Any]:
        """The whole resolved configuration as JSON: what a revision keeps."""
        jobs = {definition.name: definition.document for definition in self.definitions}
        return {"rota": 1, "configuration": self.header, "jobs": jobs}

    @property
    def text(self) -> bytes:
        """The document as JSON."""
        return self.written or self._joined(map(attrgetter("entry"), self.definitions))

    def seal(self) -> str:
        """The SHA-256 of its canonical text in which the SHA-256 of its entry stands for each definition's document.

        So it costs little where most definitions are those of before.
        """
        in_order = sorted(self.definitions, key=attrgetter("name"))
        return hashlib.sha256(self._joined(map(attrgetter("sealed"), in_order))).hexdigest()

    def _joined(self, jobs: Iterable[bytes]) -> bytes:
        return b'{"configuration":%b,"jobs":{%b},"rota":1}' % (canonical(self.header), b",".join(jobs))
