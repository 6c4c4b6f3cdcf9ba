"""One attempt at a background job: what an executor is given, and how it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeAlias

import msgspec

from rota.model.command import Command
from rota.model.outcome import Outcome
from rota.model.values import Json, Parameters

Answer: TypeAlias = Callable[[Json], None]
"""Takes the answer to a question."""


class AttemptId(NamedTuple):
    """A job's id and the number of the attempt (from 1). The number only grows: it is the fencing token."""

    job: str
    number: int

    def __str__(self) -> str:
        return f"{self.job}#{self.number}"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an executor needs to carry out one attempt; plain JSON all through, so that it can travel.

    Exactly one of `method` ("module:function") and `command` is set. `path` holds the folders that the
    method's module is looked for in.
    """

    job: str
    number: int
    name: str
    method: str | None = None
    command: Command | None = None
    parameters: Parameters = None
    key: str | None = None
    user: str = ""
    path: tuple[str, ...] = ()

    @property
    def id(self) -> AttemptId:
        return AttemptId(self.job, self.number)

    def to_data(self) -> dict[str, Any]:
        return {
            "job": self.job,
            "number": self.number,
            "name": self.name,
            "method": self.method,
            "command": self.command.to_data() if self.command is not None else None,
            "parameters": self.parameters,
            "key": self.key,
            "user": self.user,
            "path": list(self.path),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Attempt:
        return cls(**{**data, "command": Command.from_data(data["command"]), "path": tuple(data["path"])})


class JobTransaction(Protocol):
    """A transaction of a method that commits with its job's completion, or not at all. The store has one."""

    def block(self) -> AbstractContextManager[Any]:
        """The connection to work with; what a block does that an exception leaves is undone."""

    def commit(self, result: Json) -> None:
        """Commit what the method did and that it returned `result`. Raises where the attempt has lost its lease."""

    def roll_back(self) -> None:
        """Undo everything."""


class AsyncJobTransaction(Protocol):
    """The same for a method that is a coroutine: on the event loop on which it was begun."""

    def block(self) -> AbstractAsyncContextManager[Any]:
        """As of `JobTransaction`, with a connection that is awaited."""

    async def commit(self, result: Json) -> None:
        """As of `JobTransaction`."""

    async def roll_back(self) -> None:
        """As of `JobTransaction`."""


class Transactions(Protocol):
    """Where attempts get their transactions."""

    def open(self, attempt: AttemptId) -> JobTransaction:
        """Begin one for this attempt."""

    async def open_awaited(self, attempt: AttemptId) -> AsyncJobTransaction:
        """Begin one that is awaited. Raises `UsageError` where what it needs is not installed."""

    def close(self) -> None: ...


class TransactionSource(NamedTuple):
    """How another process gets `Transactions`: `factory` ("module:class") is called with `url`."""

    factory: str
    url: str


class Reports(Protocol):
    """Where an executor reports. Called from the executor's own threads; must not block for long."""

    def began(self, attempt: AttemptId, at: datetime, process: int | None) -> None:
        """The attempt's method is about to be called, in process `process`."""

    def emitted(self, attempt: AttemptId, stream: str, at: datetime, data: Json) -> None:
        """The attempt emitted a record."""

    def asked(self, attempt: AttemptId, question: Mapping[str, Json], answer: Answer) -> None:
        """The attempt's method asks for something and waits for the answer, which is given once, from any thread."""

    def ended(self, attempt: AttemptId, at: datetime, outcome: Outcome) -> None:
        """The attempt is over; nothing of it is reported after this. Called exactly once for each started attempt."""
