"""Database errors in Rota's words: one clear line each, in the family that says whether a retry may help."""

from __future__ import annotations

import sqlite3

from sqlalchemy import exc

from rota.model.errors import DatabaseUnavailable, DatabaseUnusable, RotaError

_TEMPORARY_SQLITE = {
    sqlite3.SQLITE_BUSY: "another program holds the database locked",
    sqlite3.SQLITE_LOCKED: "another program holds the database locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened, or one beside it",
    sqlite3.SQLITE_PROTOCOL: "another program holds the database locked",
}

_LASTING_SQLITE = {
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_AUTH: "access is denied",
}


class in_our_words:  # noqa: N801 -- it reads as the statement that it is
    """Turn what the database raises inside into `DatabaseUnavailable` or `DatabaseUnusable`, naming `url`.

    A broken constraint passes unchanged: which constraint means what is known where the statement is.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        """Nothing to do: a class, because around each transaction a generator takes twice as long."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, exc.TimeoutError):
            raise DatabaseUnavailable(f"database {self._url}: no connection became free in time") from error
        if isinstance(error, exc.DBAPIError) and not isinstance(error, exc.IntegrityError):
            raise translate(error, self._url) from error


def translate(error: exc.DBAPIError, url: str) -> RotaError:
    """The error of the right family for a driver's error."""
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _translate_sqlite(cause, url)
    return _translate_postgresql(error, url)


def _translate_sqlite(cause: sqlite3.Error, url: str) -> RotaError:
    code = (getattr(cause, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _TEMPORARY_SQLITE:
        return DatabaseUnavailable(f"database {url}: {_TEMPORARY_SQLITE[code]} ({cause})")
    if code in _LASTING_SQLITE:
        return DatabaseUnusable(f"database {url}: {_LASTING_SQLITE[code]} ({cause})")
    return DatabaseUnusable(f"database {url}: {cause}")


_TEMPORARY_POSTGRESQL = (
    "08",  # connection exceptions
    "40",  # serialisation failures and deadlocks
    "53",  # out of disk, memory or connections
    "55",  # lock not available
    "57",  # shutting down, cancelled by an operator
    "58",  # input and output errors
)


def _translate_postgresql(error: exc.DBAPIError, url: str) -> RotaError:
    cause = error.orig
    state: str | None = getattr(cause, "sqlstate", None)
    line = " ".join(str(cause).split())
    if isinstance(error, exc.DataError):
        return DatabaseUnusable(f"database {url}: {line}")
    if error.connection_invalidated or state is None or state.startswith(_TEMPORARY_POSTGRESQL):
        return DatabaseUnavailable(f"database {url}: {line}")
    return DatabaseUnusable(f"database {url}: {line}")
