"""The transaction of a method: what it writes is committed together with the fact that it returned, or not at all.

Opened where the method runs, in a worker process or in a thread of the engine, through the executors. It does not
write the job's state: the end of the attempt is settled by the dispatcher as ever, with everything that the method
emitted. What it writes is a mark that this attempt has returned. Whoever settles an end that says otherwise, because
the worker was killed or the node died after the commit, finds the mark. No row without a running attempt of that number
can be marked, so that a zombie's work is undone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Update, event, text, update

from rota.model.attempt import AttemptId
from rota.model.errors import UsageError, WrongState
from rota.model.values import Json
from rota.store.connection import NEVER, WRITES, Store
from rota.store.failures import in_our_words
from rota.store.tables import RUNNING_STATE, background_job

if TYPE_CHECKING:  # asyncio is loaded by those who need it
    from sqlalchemy.ext.asyncio import AsyncConnection

job = background_job


class StoreTransactions:
    """Meets `Transactions`. Has connections of its own, so that a method's transaction never blocks the engine's."""

    def __init__(self, url: str) -> None:
        self._store = Store(url, idle_seconds=NEVER)

    def open(self, attempt: AttemptId) -> CompletionTransaction:
        return CompletionTransaction(self._store, attempt)

    async def open_awaited(self, attempt: AttemptId) -> AsyncCompletionTransaction:
        """The same for a coroutine. Raises `UsageError` where the asynchronous drivers are not installed."""
        store = self._store
        with in_our_words(store.url):
            connection = await store.asynchronous_engine.connect()
            try:
                await connection.execution_options(**{WRITES: True})
                await connection.begin()
            except BaseException:
                await connection.close()
                raise
        return AsyncCompletionTransaction(store.url, connection, attempt)

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
        if self._tx.execute(_mark(self._attempt, result)).rowcount != 1:
            self.roll_back()
            raise _lost(self._attempt)
        event.remove(self._tx, "commit", _refuse)
        self._open.close()

    def roll_back(self) -> None:
        with self._open:
            self._tx.rollback()


class AsyncCompletionTransaction:
    """Meets `AsyncJobTransaction`. Other writers of SQLite are kept out by the database alone."""

    def __init__(self, url: str, connection: AsyncConnection, attempt: AttemptId) -> None:
        self._url = url
        self._attempt = attempt
        self._tx = connection
        event.listen(connection.sync_connection, "commit", _refuse)

    @asynccontextmanager
    async def block(self) -> AsyncIterator[AsyncConnection]:
        async with self._tx.begin_nested():
            yield self._tx

    async def commit(self, result: Json) -> None:
        with in_our_words(self._url):
            if (await self._tx.execute(_mark(self._attempt, result))).rowcount != 1:
                await self.roll_back()
                raise _lost(self._attempt)
            event.remove(self._tx.sync_connection, "commit", _refuse)
            await self._tx.commit()
        await self._tx.close()

    async def roll_back(self) -> None:
        await self._tx.close()


def _mark(attempt: AttemptId, result: Json) -> Update:
    return (
        update(job)
        .where(job.c.id == attempt.job, job.c.attempt == attempt.number, text(RUNNING_STATE))
        .values(committed=attempt.number, result=result)
    )


def _lost(attempt: AttemptId) -> WrongState:
    return WrongState(f"attempt {attempt} has lost its lease: its transaction is rolled back")


def _refuse(_connection: Connection) -> None:
    raise UsageError("the transaction of a job commits with its completion, and not before")
