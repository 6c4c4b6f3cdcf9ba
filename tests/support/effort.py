"""What a question costs the database, counted rather than timed: the same on a busy machine as on a quiet one.

Used by the tests of query plans, of jobs made by hand, and by the benchmark of claims.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, text

from rota.model.background_job import Lease
from rota.model.states import State
from rota.store import Store, Transaction, claims
from rota.store.tables import background_job
from tests.support.stored import NOW

Ask = Callable[[Transaction], object]

CLAIMED = 10
"""How many jobs `claim_some` claims."""

_SLICE = 10_000


def fill(store: Store, rows: int, *, after: int = 0) -> None:
    """Have `rows` jobs of the queue `process`, half of them finished, half due; `after` are there already."""
    for first in range(after, rows, _SLICE):
        with store.write() as tx:
            tx.execute(insert(background_job), [_job(number) for number in range(first, min(first + _SLICE, rows))])
    with store.write() as tx:
        tx.execute(text("ANALYZE"))


def _job(number: int) -> dict[str, Any]:
    finished = number % 2 == 0
    at = NOW - timedelta(milliseconds=number)
    return {
        "id": f"id-{number}",
        "method": "m:f",
        "name": "job",
        "user": "administrator",
        "state": State.COMPLETED if finished else State.QUEUED,
        "queue": "process",
        "created_at": at,
        "due_at": at,
        "end_at": at if finished else None,
    }


def claim_some(tx: Transaction) -> list[Lease]:
    """Claim CLAIMED jobs for the node `a`, which must be there."""
    return claims.claim(tx, node="a", queue="process", limit=CLAIMED, now=NOW, paths={})


def asked(store: Store, ask: Ask) -> list[tuple[str, Any]]:
    """The statements that the question comes down to. Nothing of what it does stays."""
    found: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if not statement.startswith("BEGIN"):
            found.append((statement, parameters[0] if many else parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        with store.write() as tx:
            ask(tx)
            tx.rollback()
    finally:
        event.remove(store._engine, "before_cursor_execute", note)
    assert found, "it asks nothing"
    return found


def effort(store: Store, ask: Ask) -> int:
    """Steps of SQLite's virtual machine, or pages that PostgreSQL looks at. Nothing of what the question does stays."""
    return _steps(store, ask) if store.is_sqlite else _pages(store, ask)


def _steps(store: Store, ask: Ask) -> int:
    counted = 0

    def count() -> int:
        nonlocal counted
        counted += 1
        return 0

    with store.write() as tx:
        connection: Any = tx.connection.driver_connection
        connection.set_progress_handler(count, 1)
        ask(tx)
        connection.set_progress_handler(None, 0)
        tx.rollback()
    return counted


@contextmanager
def steps(store: Store) -> Iterator[list[int]]:
    """The steps of SQLite's virtual machine while inside, one entry each, in whatever transactions."""
    counted: list[int] = []

    def count() -> int:
        counted.append(1)
        return 0

    def watch(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(count, 1)

    def leave(connection: Any, *_: Any) -> None:
        connection.set_progress_handler(None, 0)

    event.listen(store._engine, "checkout", watch)
    event.listen(store._engine, "checkin", leave)
    try:
        yield counted
    finally:
        event.remove(store._engine, "checkout", watch)
        event.remove(store._engine, "checkin", leave)


def _pages(store: Store, ask: Ask) -> int:
    pages = 0
    for statement, parameters in asked(store, ask):
        with store.write() as tx:
            how = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "
            [explained] = tx.exec_driver_sql(how + statement, parameters).scalar_one()
            pages += explained["Plan"]["Shared Hit Blocks"] + explained["Plan"]["Shared Read Blocks"]
            tx.rollback()
    return pages
