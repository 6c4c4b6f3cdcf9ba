"""The way from a method to its transaction: `with current_job.transaction()`, or `async with` in a coroutine.

Of the transactions themselves no more is known here than where they come from. A scope has an `AttemptTransaction` once
its method asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from importlib import import_module
from threading import current_thread
from typing import TYPE_CHECKING, Any

from rota.model.values import Json

if TYPE_CHECKING:  # `import rota` in a method is to cost next to nothing
    from asyncio import AbstractEventLoop, Lock
    from types import TracebackType

    from rota.model.attempt import AsyncJobTransaction, AttemptId, JobTransaction, Transactions, TransactionSource


class LazyTransactions:
    """Whoever runs methods has one; the database is not touched before a method asks.

    `shares_loop`: the methods share an event loop, which a transaction that blocks would keep from all others.
    """

    def __init__(self, source: TransactionSource | None = None, *, shares_loop: bool = False) -> None:
        self.source = source
        self.shares_loop = shares_loop
        self._made: Transactions | None = None

    def get(self) -> Transactions:
        """Raises `RuntimeError` where there are none."""
        if self.source is None:
            raise RuntimeError("current_job.transaction() does not work here: there is no database")
        if self._made is None:
            module, _, name = self.source.factory.partition(":")
            self._made = getattr(import_module(module), name)(self.source.url)
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made.close()


class AttemptTransaction:
    """The one transaction of an attempt, begun with its first block, and ended by whoever runs the method."""

    def __init__(self, transactions: LazyTransactions, attempt: AttemptId) -> None:
        self._transactions = transactions
        self._attempt = attempt
        self._blocking: JobTransaction | None = None
        self._awaited: AsyncJobTransaction | None = None
        self._beginning: Lock | None = None
        self._inside: list[object] = []
        """Who is in each block that is open: a thread, or a task."""

    @contextmanager
    def turn(self, who: object) -> Iterator[None]:
        """While inside, nobody else begins a block: undone or released, it would take along what the other one did."""
        if self._inside and self._inside[-1] is not who:
            raise RuntimeError(
                "another task or thread of this method is in a block of the transaction: one after the other, please"
            )
        self._inside.append(who)
        try:
            yield
        finally:
            self._inside.pop()

    def begin(self) -> JobTransaction:
        """For `with`."""
        if self._transactions.shares_loop:
            raise RuntimeError("this would keep the event loop: use `async with current_job.transaction()` instead")
        if self._awaited is not None:
            raise RuntimeError("the transaction of this job was begun with `async with`, and goes on with that")
        if self._blocking is None:
            self._blocking = self._transactions.get().open(self._attempt)
        return self._blocking

    async def begin_awaited(self) -> AsyncJobTransaction:
        """For `async with`."""
        from asyncio import Lock

        if self._blocking is not None:
            raise RuntimeError("the transaction of this job was begun with `with`, and goes on with that")
        if self._beginning is None:
            self._beginning = Lock()
        async with self._beginning:  # two tasks of a method may ask at once
            if self._awaited is None:
                self._awaited = await self._transactions.get().open_awaited(self._attempt)
        return self._awaited

    def commit(self, result: Json) -> None:
        """The method has returned. Raises what keeps the transaction from being committed."""
        if self._blocking is not None:
            self._blocking.commit(result)

    def roll_back(self) -> None:
        """The method has not returned, or could not commit."""
        transaction, self._blocking = self._blocking, None
        if transaction is not None:
            with suppress(Exception):  # a connection that broke has rolled back already
                transaction.roll_back()

    async def commit_awaited(self, result: Json) -> None:
        """As `commit`, on the loop on which it was begun."""
        if self._awaited is not None:
            await self._awaited.commit(result)

    async def roll_back_awaited(self) -> None:
        """As `roll_back`, on the loop on which it was begun."""
        transaction, self._awaited = self._awaited, None
        if transaction is not None:
            with suppress(Exception):
                await transaction.roll_back()


class Block:
    """What `current_job.transaction()` gives: a block of the transaction, for `with` or for `async with`."""

    def __init__(self, transaction: AttemptTransaction, loop: AbstractEventLoop | None) -> None:
        self._transaction = transaction
        self._loop = loop
        """The loop that the method runs on."""
        self._open = ExitStack()
        self._awaited = AsyncExitStack()

    def __enter__(self) -> Any:
        begun = self._transaction.begin()
        with ExitStack() as opening:
            opening.enter_context(self._transaction.turn(current_thread()))
            connection = opening.enter_context(begun.block())
            self._open = opening.pop_all()
        return connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._open.__exit__(kind, error, trace)

    async def __aenter__(self) -> Any:
        from asyncio import current_task, get_running_loop

        if self._loop is not get_running_loop():
            raise RuntimeError("`async with current_job.transaction()` is for methods that are `async def` themselves")
        begun = await self._transaction.begin_awaited()
        async with AsyncExitStack() as opening:
            opening.enter_context(self._transaction.turn(current_task()))
            connection = await opening.enter_async_context(begun.block())
            self._awaited = opening.pop_all()
        return connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return await self._awaited.__aexit__(kind, error, trace)
