"""Database URLs: which are taken, and what may stand behind the question mark. Used by `Store`."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from rota.model.errors import UsageError

BUSY_SECONDS = 5.0
"""How long a statement waits for another program's SQLite lock, unless the URL says otherwise (`?timeout=0.5`)."""

_DRIVERS = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg"}
"""The database drivers that the store works with. An asynchronous one of a web application's own is none of them."""


def parse(url: str) -> URL:
    """The URL with the driver that the store works with. Raises `UsageError`, without the password, for any other."""
    if not isinstance(url, str):
        raise UsageError(f"a database is named by a URL such as sqlite:///rota.db, not by {url!r}")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        shown = re.sub(r":[^:/@]*@", ":***@", url)
        raise UsageError(f"{shown!r} is not a database URL; for example sqlite:///rota.db") from error
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise UsageError(f"database {backend!r} is not supported; sqlite and postgresql are")
    if parsed.drivername not in {backend, _DRIVERS[backend]}:
        raise UsageError(f"driver {parsed.drivername!r} is not supported; write {backend}://")
    if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise UsageError("an SQLite database needs a file: sqlite:///rota.db")
    return parsed


def listening(url: URL) -> tuple[URL, bool]:
    """The URL as the driver takes it, and whether changes are listened for: `?listen=off` says no.

    Raises `UsageError` for any other word.
    """
    wish = url.query.get("listen", "on")
    if wish not in {"on", "off"}:
        raise UsageError(f"database {url}: listen is on or off, not {wish!r}")
    return url.difference_update_query(["listen"]), wish == "on"


def patience(url: URL) -> dict[str, Any]:
    """Time limits of a PostgreSQL connection, in libpq's units, so that a silent network becomes an error in time.

    What the URL says itself stands.
    """
    limits = {"connect_timeout": 10, "keepalives_idle": 15, "keepalives_interval": 5, "tcp_user_timeout": 15_000}
    return {name: value for name, value in limits.items() if name not in url.query}


def busy_seconds(url: URL) -> float:
    """How long a statement waits for another program's SQLite lock, in seconds. Raises `UsageError` for no number."""
    try:
        return float(str(url.query.get("timeout", BUSY_SECONDS)))
    except ValueError as error:
        raise UsageError(f"database {url}: timeout is a number of seconds, not {url.query['timeout']!r}") from error
