"""Somebody else's transaction: jobs that are stored with what a program writes to the same database, or not at all.

Used by the starts that are given a connection or a session. The wake-up of the engines goes out with the commit by
itself: a NOTIFY is part of its transaction, and SQLite's version counter counts commits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from rota.model.errors import UsageError
from rota.store.connection import Store, Transaction
from rota.store.failures import in_our_words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, scoped_session

CallersConnection: TypeAlias = "Connection | Session | scoped_session[Any]"
"""What a caller may hand over. An asynchronous one is handed to the asynchronous client."""

_proven: WeakKeyDictionary[Engine, str] = WeakKeyDictionary()
"""Engines of callers that were found to lead to the database of this URL, so that this is asked once each."""


@contextmanager
def enlisted(store: Store, connection: CallersConnection) -> Iterator[Transaction]:
    """A part of the caller's transaction: what is done inside is undone if it fails, and the caller's own work stays.

    Raises `UsageError` for what is no connection, commits by itself, or leads to another database.
    """
    with in_our_words(store.url):
        theirs = _connection_of(connection)
        _require_same(store, theirs)
        _begin(theirs)
        with theirs.begin_nested():
            yield theirs


def _connection_of(given: Any) -> Connection:
    if hasattr(given, "run_sync"):
        raise UsageError(f"{type(given).__name__} is asynchronous: use rota.aconnect, or hand over a synchronous one")
    if not isinstance(given, Connection):
        from sqlalchemy.orm import Session, scoped_session  # whoever has one has loaded it

        if isinstance(given, Session | scoped_session):
            try:
                given = given.connection()
            except SQLAlchemyError as error:
                raise UsageError(f"the session has no connection to give: {error}") from error
    if not isinstance(given, Connection):
        raise UsageError(f"connection takes an SQLAlchemy Connection or Session, not {type(given).__name__}")
    if given.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        raise UsageError("the connection commits by itself (AUTOCOMMIT): it has no transaction to be part of")
    return given


def _require_same(store: Store, theirs: Connection) -> None:
    engine = theirs.engine
    if _proven.get(engine) == store.url:
        return
    with store.read() as ours:
        same = theirs.dialect.name == ours.dialect.name and _identity(theirs) == _identity(ours)
    if not same:
        other = engine.url.render_as_string(hide_password=True)
        raise UsageError(f"the connection leads to {other}, and the jobs are in {store.url}: it must be one database")
    _proven[engine] = store.url


def _begin(theirs: Connection) -> None:
    """Begin the transaction that the caller takes for begun.

    Python's driver for SQLite waits for the first change. A savepoint before that would be a transaction of its own,
    and its end a commit.
    """
    if not theirs.in_transaction():
        theirs.begin()
    driver: Any = theirs.connection.driver_connection
    if theirs.dialect.name == "sqlite" and not driver.in_transaction:
        theirs.exec_driver_sql("BEGIN IMMEDIATE")


def _identity(connection: Connection) -> object:
    """What distinguishes a database from every other: its file; the server's start, the database and our table."""
    if connection.dialect.name == "sqlite":
        files = {row.name: row.file for row in connection.execute(text("PRAGMA database_list"))}
        return Path(files["main"]).resolve() if files.get("main") else id(connection)
    return tuple(
        connection.execute(
            text("SELECT pg_postmaster_start_time(), current_database(), to_regclass('rota_background_job')::oid")
        ).one()
    )
