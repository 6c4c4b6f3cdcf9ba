"""The transaction of a method: what it writes is committed together with the fact that it returned, or not at all.

Opened where the method runs, in a worker process or in a thread of the engine, through the executors. It does not
write the job's state: the end of the attempt is settled by the dispatcher as ever, with everything that the method
emitted. What it writes is a mark that this attempt has returned. Whoever settles an end that says otherwise, because
the worker was killed or the node died after the commit, finds the mark. No row without a running attempt of that number
can be marked, so that a zombie's work is undone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, event, text, update

from rota.model.attempt import AttemptId
from rota.model.errors import UsageError, WrongState
from rota.model.values import Json
from rota.store.connection import NEVER, Store
from rota.store.tables import RUNNING_STATE, background_job

job = background_job


class StoreTransactions:
    """Meets `Transactions`. Has connections of its own, so that a method's transaction never blocks the engine's."""

    def __init__(self, url: str) -> None:
        self._store = Store(url, idle_seconds=NEVER)

    def open(self, attempt: AttemptId) -> CompletionTransaction:
        return CompletionTransaction(self._store, attempt)

    def close(self) -> None:
        self._store.close()


class CompletionTransaction:
    """Meets `JobTransaction`."""

    def __init__(self, store: Store, attempt: AttemptId) -> None:
        self._attempt = attempt
        self._open = ExitStack()
        self._tx = self._open.enter_context(store.write())
        event.listen(self._tx, "commit", _refuse)

    @contextmanager
    def block(self) -> Iterator[Connection]:
        with self._tx.begin_nested():
            yield self._tx

    def commit(self, result: Json) -> None:
        marked = self._tx.execute(
            update(job)
            .where(job.c.id == self._attempt.job, job.c.attempt == self._attempt.number, text(RUNNING_STATE))
            .values(committed=self._attempt.number, result=result)
        )
        if marked.rowcount != 1:
            self.roll_back()
            raise WrongState(f"attempt {self._attempt} has lost its lease: its transaction is rolled back")
        event.remove(self._tx, "commit", _refuse)
        self._open.close()

    def roll_back(self) -> None:
        with self._open:
            self._tx.rollback()


def _refuse(_connection: Connection) -> None:
    raise UsageError("the transaction of a job commits with its completion, and not before")
