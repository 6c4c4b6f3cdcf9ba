"""Writing by the driver alone, for what is written all the time: starts of background jobs, and claims.

Between a start and its driver SQLAlchemy took more time than everything else that a client does (docs/benchmarks.md).
Connections still come from its pool, values pass through its types, and errors leave as its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import Engine, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError


class Found(Protocol):
    """The rows that a statement found."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...


class Writing(Protocol):
    """What a `Transaction` and a `DriverTransaction` have in common."""

    @property
    def dialect(self) -> Dialect: ...

    def execute(self, statement: Any, parameters: Mapping[str, Any], /) -> Found: ...


class DriverTransaction:
    """Executes statements on a connection of the driver, for `Store.write_by_driver`.

    Values go there and come back as SQLAlchemy has them, by the types in the statement; one of plain text names none.
    Lists are not bound. Raises the driver's errors, which leave `driver_transaction` as SQLAlchemy's.
    """

    def __init__(self, dialect: Dialect, connection: Any) -> None:
        self.dialect = dialect
        self._connection = connection

    def execute(self, statement: Executable, parameters: Mapping[str, Any], /) -> Found:
        spelled = _spelled(statement, self.dialect)
        return spelled.found_by(self._connection.execute(spelled.text, spelled.bound(parameters)))


class _Spelled:
    """A statement as a driver takes it, with what SQLAlchemy's types make of values on their way there and back."""

    def __init__(self, statement: Any, dialect: Any) -> None:
        compiled = statement.compile(dialect=type(dialect)(paramstyle=_STYLES[dialect.name]))
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        columns = getattr(statement, "exported_columns", ())
        self.text = str(compiled)
        self._fixed = {name: bind.value for name, bind in binds.items() if not bind.required}
        self._there = _converters({name: _in(dialect, bind).bind_processor(dialect) for name, bind in binds.items()})
        self._types = [_in(dialect, column) for column in columns]
        self._dialect = dialect
        self._back: _Converters | None = None if self._types else {}

    def bound(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return _converted({**self._fixed, **parameters}, self._there) if self._there or self._fixed else parameters

    def found_by(self, cursor: Any) -> Found:
        if self._back is None:  # some types ask what the driver calls the column's own, which only an answer tells
            codes = [described[1] for described in cursor.description]
            self._back = _converters(
                {at: each.result_processor(self._dialect, codes[at]) for at, each in enumerate(self._types)}
            )
        return _Rows(cursor, self._back) if self._back else cursor


_Values = TypeVar("_Values", dict[str, Any], list[Any])
_Converters: TypeAlias = "Mapping[Any, Callable[[Any], Any]]"


def _in(dialect: Dialect, typed: Any) -> Any:
    """The type of a column or a bound value as it is in this database."""
    return typed.type.dialect_impl(dialect)


def _converters(processors: Mapping[Any, Callable[[Any], Any] | None]) -> _Converters:
    """Without those that have nothing to do."""
    return {at: convert for at, convert in processors.items() if convert is not None}


def _converted(values: _Values, converters: _Converters) -> _Values:
    for at, convert in converters.items():
        values[at] = convert(values[at])
    return values


class _Rows:
    """Rows of a driver as SQLAlchemy would give them, as lists."""

    def __init__(self, cursor: Any, converters: _Converters) -> None:
        self._cursor = cursor
        self._converters = converters

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        return None if row is None else _converted(list(row), self._converters)

    def fetchall(self) -> Sequence[Any]:
        return [_converted(list(row), self._converters) for row in self._cursor.fetchall()]


_STYLES = {"sqlite": "named", "postgresql": "pyformat"}
"""How each driver has parameters written."""

_spelled = lru_cache(maxsize=64)(_Spelled)


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
