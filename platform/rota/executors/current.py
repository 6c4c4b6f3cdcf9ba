"""`current_job`: what a method may ask of the job that it runs for. Works wherever Rota runs Python methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rota.executors.plain import clean, to_plain
from rota.executors.scope import Scope, current_scope
from rota.executors.transactions import Block
from rota.model.record import Stream
from rota.model.values import Parameters

if TYPE_CHECKING:
    from datetime import timedelta
    from logging import Logger

    from rota.executors.offspring import Child, WaitResult
    from rota.model.retry import RetryPolicy


class CurrentJob:
    """The job that is running here. Every use outside a job raises `RuntimeError`."""

    @property
    def id(self) -> str:
        """The background job's id."""
        return _scope().attempt.job

    @property
    def attempt(self) -> int:
        """The number of this attempt, from 1."""
        return _scope().attempt.number

    @property
    def name(self) -> str:
        return _scope().attempt.name

    @property
    def key(self) -> str | None:
        return _scope().attempt.key

    @property
    def user(self) -> str:
        """Who the job runs as."""
        return _scope().attempt.user

    @property
    def parameters(self) -> Parameters:
        """The parameters as they were given, as JSON."""
        return _scope().attempt.parameters

    @property
    def cancelled(self) -> bool:
        """Whether the job was told to stop."""
        return _scope().cancelled

    def check_cancelled(self) -> None:
        """Raises `JobCancelled` if the job was told to stop."""
        _scope().check_cancelled()

    @property
    def log(self) -> Logger:
        """A standard logger whose records, from INFO on, become the job's log."""
        import logging

        _scope()
        logger = logging.getLogger("rota.job")
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        return logger

    def message(self, text: str) -> None:
        """Tell whoever follows the job something, in words."""
        if not isinstance(text, str):
            raise TypeError(f"a message is text, not {type(text).__name__}; output() takes values")
        _scope().emit(Stream.MESSAGE, clean(text))

    def output(self, value: Any) -> None:
        """Hand out one value. Raises `TypeError` for one that is no JSON, `ValueError` for one that is too large."""
        _scope().emit(Stream.OUTPUT, to_plain(value, "an output value"))

    def start(
        self,
        method: str,
        parameters: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        key: str | None = None,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
        delay: timedelta | float | None = None,
        on_conflict: str = "error",
    ) -> Child:
        """Start a child of this job, as `platform.background_jobs.start` does. It runs as the same user.

        Raises `MethodNotAllowed`, `UnknownMethod`, `BadParameters`, `KeyInUse`; `WrongState` once this job was told to
        stop.
        """
        from rota.executors.offspring import start_children  # only who has children pays for it

        return start_children(
            _scope(),
            method,
            [parameters],
            key=key,
            name=name,
            executor=executor,
            priority=priority,
            retry=retry,
            timeout=timeout,
            delay=delay,
            on_conflict=on_conflict,
        )[0]

    def start_many(
        self,
        method: str,
        parameters: Sequence[Mapping[str, Any] | Sequence[Any] | None],
        *,
        name: str | None = None,
        executor: str = "process",
        priority: int = 0,
        retry: RetryPolicy | None = None,
        timeout: float | None = None,
    ) -> list[Child]:
        """Start a child for each of `parameters`, all or none."""
        from rota.executors.offspring import start_children

        return start_children(
            _scope(),
            method,
            parameters,
            name=name,
            executor=executor,
            priority=priority,
            retry=retry,
            timeout=timeout,
            delay=None,
        )

    def wait(self, children: Child | Sequence[Child], *, timeout: float | None = None, any: bool = False) -> WaitResult:  # noqa: A002 -- the word that callers read
        """Wait until all `children`, or any one of them, are finished, or `timeout` seconds; 0 is a look.

        Meanwhile others may run in this job's slot. Raises `JobCancelled` when this job is told to stop.
        """
        from rota.executors.offspring import Child, wait_for_children

        jobs = [children] if isinstance(children, Child) else children
        return wait_for_children(_scope(), jobs, timeout=timeout, any_=any)

    def transaction(self) -> Block:
        """A connection to the jobs' database, in a transaction that commits when the method has returned.

        `with` gives an SQLAlchemy `Connection`, `async with` in an `async def` an `AsyncConnection`. What is done in it
        and the completion of the job are one: a method that raises, is killed, or has been replaced because its node
        was taken for dead leaves neither. Several blocks are one transaction; what a block did that an exception leaves
        is undone. On SQLite nobody else can write from the first block to the method's end.
        """
        return _scope().block()

    def progress(self, fraction: float, text: str | None = None) -> None:
        """Tell how far the job is: `fraction` from 0 to 1."""
        if not 0 <= fraction <= 1:
            raise ValueError(f"progress is a fraction from 0 to 1, not {fraction}")
        text = clean(text) if text is not None else None
        _scope().emit(Stream.PROGRESS, {"fraction": float(fraction), "text": text})


def _scope() -> Scope:
    scope = current_scope()
    if scope is None:
        raise RuntimeError("current_job is used outside a job: only a method that Rota runs has one")
    return scope


current_job = CurrentJob()
