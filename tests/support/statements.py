"""What a piece of code says to the database, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Executable, event

from rota.store import Store
from rota.store.driver import DriverTransaction
from rota.store.spelling import Found

_WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The statements that go to the database of `store` while inside, by whatever connections."""
    seen: list[str] = []

    def note(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.engine.url == store._engine.url:
            seen.append(statement)

    execute = DriverTransaction.execute

    def note_and_execute(tx: DriverTransaction, statement: Executable, parameters: Mapping[str, Any]) -> Found:
        seen.append(str(statement))
        return execute(tx, statement, parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DriverTransaction, "execute", note_and_execute)
            yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def writes(seen: list[str]) -> list[str]:
    """Those that change something."""
    return [statement for statement in seen if statement.lstrip().startswith(_WRITES)]
