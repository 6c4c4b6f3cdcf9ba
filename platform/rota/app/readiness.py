"""What is asked of a database before an engine runs on it, without what it takes to apply configurations to it."""

from __future__ import annotations

from rota.app import rights
from rota.app.context import Context
from rota.store import configurations, schema


def ready_database(context: Context) -> None:
    """Bring SQLite to this version by itself; a server's database is upgraded by command."""
    if not context.store.exists():
        rights.require_user(context)  # before there is a file
    if context.store.is_sqlite:
        schema.upgrade(context.store)
    else:
        schema.require_current(context.store)


def anything_applied(context: Context) -> bool:
    """Whether the database holds any configuration."""
    with context.store.read() as tx:
        return bool(configurations.applied(tx))
