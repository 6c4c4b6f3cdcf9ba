"""`current_job`: what a method may ask of the job that it runs for. Works wherever Rota runs Python methods."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from rota.executors.plain import clean, to_plain
from rota.executors.scope import Scope, current_scope
from rota.model.record import Stream
from rota.model.values import Parameters

if TYPE_CHECKING:
    from logging import Logger


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

    def transaction(self) -> AbstractContextManager[Any]:
        """An SQLAlchemy connection to the jobs' database, in a transaction that commits when the method has returned.

        What is done in it and the completion of the job are one: a method that raises, is killed, or has been replaced
        because its node was taken for dead leaves neither. Several blocks are one transaction; what a block did that an
        exception leaves is undone. On SQLite nobody else can write from the first block to the method's end. For
        methods in processes and threads.
        """
        return _scope().transaction()

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
