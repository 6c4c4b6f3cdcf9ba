"""Writing by the driver alone, for the one write that clients make all the time: starting background jobs.

Between a start and its driver SQLAlchemy took more time than everything else that a client does (docs/benchmarks.md).
Connections still come from its pool, and errors leave as its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Engine, TextClause
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import DBAPIError


class Found(Protocol):
    """The rows that a statement found."""

    def fetchone(self) -> Any: ...


class Writing(Protocol):
    """What a `Transaction` and a `DriverTransaction` have in common."""

    @property
    def dialect(self) -> Dialect: ...

    def execute(self, statement: TextClause, parameters: Mapping[str, Any], /) -> Found: ...


class DriverTransaction:
    """Executes statements on a connection of the driver, for `Store.write_by_driver`; rows come as that gives them.

    Raises the driver's errors, which leave `driver_transaction` as SQLAlchemy's.
    """

    def __init__(self, dialect: Dialect, connection: Any) -> None:
        self.dialect = dialect
        self._connection = connection

    def execute(self, statement: TextClause, parameters: Mapping[str, Any], /) -> Found:
        found: Found = self._connection.execute(_spelled(statement, _STYLES[self.dialect.name]), parameters)
        return found


_STYLES = {"sqlite": "named", "postgresql": "pyformat"}
"""How each driver has parameters written."""


@lru_cache(maxsize=64)
def _spelled(statement: TextClause, style: Any) -> str:
    return str(statement.compile(dialect=DefaultDialect(paramstyle=style)))


@contextmanager
def driver_transaction(engine: Engine) -> Iterator[DriverTransaction]:
    """A transaction on one of the engine's connections; PostgreSQL commits each statement in it by itself.

    Raises SQLAlchemy's errors. A connection on which anything failed is not used again.
    """
    begin = _begin_at_once if engine.dialect.name == "sqlite" else _commit_by_itself
    driver_error: Any = engine.dialect.loaded_dbapi.Error
    with engine.connect() as pooled:
        connection: Any = pooled.connection.driver_connection
        try:
            with begin(connection):
                yield DriverTransaction(engine.dialect, connection)
        except driver_error as error:
            lost = engine.dialect.is_disconnect(error, connection, None)
            pooled.invalidate(error)
            if lost:
                engine.dispose()  # the others lead to the same server, which is gone
            raise DBAPIError.instance(None, None, error, driver_error, connection_invalidated=lost) from error
        except BaseException:
            pooled.invalidate()
            raise


@contextmanager
def _begin_at_once(connection: Any) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")


@contextmanager
def _commit_by_itself(connection: Any) -> Iterator[None]:
    connection.autocommit = True
    yield
    connection.autocommit = False
