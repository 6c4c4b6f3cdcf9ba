"""What a piece of code says to the database, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Executable, event

from rota.store import Store
from rota.store.driver import DriverTransaction
from rota.store.spelling import Found

_WRITES = ("INSERT", "UPDATE", "DELETE")


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The statements that go to `store` while inside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    execute = DriverTransaction.execute

    def note_and_execute(tx: DriverTransaction, statement: Executable, parameters: Mapping[str, Any]) -> Found:
        seen.append(str(statement))
        return execute(tx, statement, parameters)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DriverTransaction, "execute", note_and_execute)
            yield seen
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def writes(seen: list[str]) -> list[str]:
    """Those that change something."""
    return [statement for statement in seen if statement.lstrip().startswith(_WRITES)]
