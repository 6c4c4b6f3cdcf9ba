"""Statements as a driver takes them, and values on their way there and back, for who writes by the driver alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy.engine import Dialect


class Found(Protocol):
    """The rows that a statement found."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> Sequence[Any]: ...


_Values = TypeVar("_Values", dict[str, Any], list[Any])
_Converters: TypeAlias = "Mapping[Any, Callable[[Any], Any]]"

_STYLES = {"sqlite": "named", "postgresql": "pyformat"}
"""How each driver has parameters written."""


class Spelled:
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
        """The values as the driver takes them. Lists are not bound."""
        return _converted({**self._fixed, **parameters}, self._there) if self._there or self._fixed else parameters

    def found_by(self, cursor: Any) -> Found:
        """The rows that the driver found, as SQLAlchemy would give them."""
        if self._back is None:  # some types ask what the driver calls the column's own, which only an answer tells
            codes = [described[1] for described in cursor.description]
            self._back = _converters(
                {at: each.result_processor(self._dialect, codes[at]) for at, each in enumerate(self._types)}
            )
        return _Rows(cursor, self._back) if self._back else cursor


spelled = lru_cache(maxsize=64)(Spelled)
"""The same, made once of each statement and dialect."""


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
