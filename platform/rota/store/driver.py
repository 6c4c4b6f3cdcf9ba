"""Writing by the driver alone, for what is written all the time: starts of background jobs, and claims.

Between a start and its driver SQLAlchemy took more time than everything else that a client does (docs/benchmarks.md).
Connections still come from its pool, values pass through its types, and errors leave as its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Engine, Executable, PoolProxiedConnection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError

from rota.store.spelling import Found, spelled


class Writing(Protocol):
    """What a `Transaction` and a `DriverTransaction` have in common."""

    @property
    def dialect(self) -> Dialect: ...

    def execute(self, statement: Any, parameters: Mapping[str, Any], /) -> Found: ...


class DriverTransaction:
    """Executes statements on a connection of the driver, for `Store.write_by_driver`.

    Values go there and come back as SQLAlchemy has them, by the types in the statement; one of plain text names none.
    Lists are not bound. Raises the driver's errors, which leave `DriverTransactions` as SQLAlchemy's.
    """

    def __init__(self, dialect: Dialect, pooled: PoolProxiedConnection) -> None:
        self.dialect = dialect
        self._pooled = pooled
        self._connection: Any = pooled.driver_connection

    def execute(self, statement: Executable, parameters: Mapping[str, Any], /) -> Found:
        driven = spelled(statement, self.dialect)
        return driven.found_by(self._run(driven.text, driven.bound(parameters)))

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def release(self) -> None:
        """Give the connection back to the pool."""
        self._pooled.close()

    def abandon(self, error: Any = None) -> bool:
        """Close the connection. Returns whether `error` says that the server is gone."""
        is_lost = self.dialect.is_disconnect(error, self._connection, None)
        self._pooled.invalidate(error)
        return is_lost

    def _run(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        return self._connection.execute(sql, parameters)


class _SelfCommitting(DriverTransaction):
    """The same on PostgreSQL, which commits each statement by itself.

    The cursor of a statement is kept: it knows how values of these types are sent. A new one has to find out, which
    takes nearly as long as all else that psycopg does for a start.
    """

    def __init__(self, dialect: Dialect, pooled: PoolProxiedConnection) -> None:
        super().__init__(dialect, pooled)
        self._connection.autocommit = True
        self._cursors: dict[str, Any] = {}

    def begin(self) -> None:
        """Each statement begins by itself."""

    def commit(self) -> None:
        """Each statement is committed."""

    def release(self) -> None:
        self._connection.autocommit = False
        super().release()

    def _run(self, sql: str, parameters: Mapping[str, Any]) -> Any:
        if sql not in self._cursors:
            self._cursors[sql] = self._connection.cursor()
        return self._cursors[sql].execute(sql, parameters)


class DriverTransactions:
    """Transactions by the driver on connections of an engine's pool. One connection stays at hand.

    To take one from the pool and to give it back takes the client a sixth of a start.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kind = DriverTransaction if engine.dialect.name == "sqlite" else _SelfCommitting
        self._error: Any = engine.dialect.loaded_dbapi.Error
        self._at_hand: list[DriverTransaction] = []
        self._is_closed = False

    @contextmanager
    def transaction(self) -> Iterator[DriverTransaction]:
        """One that is committed at the end; PostgreSQL commits each statement in it by itself.

        Raises SQLAlchemy's errors. A connection on which anything failed is not used again.
        """
        tx = None
        try:
            tx = self._take()
            tx.begin()
            yield tx
            tx.commit()
            self._put_back(tx)
        except BaseException as error:
            is_lost = tx is not None and tx.abandon(error)
            if is_lost:  # the others lead to the same server, which is gone
                self._close_at_hand()
                self._engine.dispose()
            if not isinstance(error, self._error):
                raise
            raise DBAPIError.instance(None, None, error, self._error, connection_invalidated=is_lost) from error

    def close(self) -> None:
        """Close what is at hand, and what is in use when its transaction ends."""
        self._is_closed = True
        self._close_at_hand()

    def _take(self) -> DriverTransaction:
        try:
            return self._at_hand.pop()
        except IndexError:  # none yet, or other threads have it
            return self._kind(self._engine.dialect, self._engine.raw_connection())

    def _put_back(self, tx: DriverTransaction) -> None:
        if self._is_closed:
            tx.abandon()
        elif self._at_hand:
            tx.release()
        else:
            self._at_hand.append(tx)

    def _close_at_hand(self) -> None:
        while self._at_hand:
            self._at_hand.pop().abandon()
