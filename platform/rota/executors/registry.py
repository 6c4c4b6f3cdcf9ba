"""Which kinds of executors there are. The engine asks for them by the kind that a configuration names."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from rota.executors.asynchronous import DEFAULT_TASKS, AsyncExecutor
from rota.executors.base import Executor, Now
from rota.executors.command import CommandExecutor
from rota.executors.failing import FailingExecutor
from rota.executors.process import ProcessExecutor
from rota.executors.thread import DEFAULT_THREADS, ThreadExecutor
from rota.model.attempt import TransactionSource


@dataclass(frozen=True, slots=True)
class Kind:
    """How an executor of this kind is made, and how many attempts it runs at once unless told otherwise.

    `transactions`: its methods may have a transaction of their own.
    """

    executor: Callable[..., Executor]
    default_slots: int
    transactions: bool = False


_PROCESSORS = max(2, os.cpu_count() or 1)

KINDS: dict[str, Kind] = {
    "process": Kind(ProcessExecutor, _PROCESSORS, transactions=True),
    "thread": Kind(ThreadExecutor, DEFAULT_THREADS, transactions=True),
    "async": Kind(AsyncExecutor, DEFAULT_TASKS, transactions=True),
    "command": Kind(CommandExecutor, _PROCESSORS),
    "failing": Kind(FailingExecutor, 1),
}


def make(kind: str, workers: int | None, now: Now, transactions: TransactionSource | None = None) -> Executor:
    """An executor with `workers` slots; `now` stamps its reports. Raises `KeyError` for a kind that is not listed.

    `transactions` says where methods get theirs.
    """
    found = KINDS[kind]
    options = {"transactions": transactions} if found.transactions else {}
    return found.executor(workers if workers is not None else found.default_slots, now, **options)
