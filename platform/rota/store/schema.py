"""The version of the database: checked at every start, upgraded by command, or by itself on SQLite.

A database of a newer version is refused: this code does not know what its rows mean.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text

from rota.model.errors import DatabaseNewer, DatabaseOlder, DatabaseUnusable
from rota.model.users import ADMINISTRATOR
from rota.store.connection import Store, Transaction
from rota.store.tables import described, lock, user

VERSIONS = ("0001",)
"""Every version there has been, oldest first; the last one is what the tables of this code describe."""

VERSION_TABLE = "rota_schema_version"

# SQLAlchemy's inspector asks the same, but takes longer to put the question together than an engine to claim a job.
_FIND_TABLE = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = :name"),
    "postgresql": text("SELECT 1 WHERE to_regclass(:name) IS NOT NULL"),
}


def version(tx: Transaction) -> str | None:
    """The version of the database; None where Rota has no tables yet."""
    if tx.execute(_FIND_TABLE[tx.dialect.name], {"name": VERSION_TABLE}).first() is None:
        return None
    return tx.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 -- a constant


def require_current(store: Store) -> None:
    """Raise unless the database is of this code's version: `DatabaseOlder`, `DatabaseNewer` or `DatabaseUnusable`."""
    if not store.exists():
        raise DatabaseOlder(
            f"database {store.url} does not exist; `rota apply` or `rota run` creates it, "
            "as does `rota database upgrade`"
        )
    with store.read() as tx:
        found = version(tx)
    _refuse_newer(found, store)
    if found != VERSIONS[-1]:
        state = "has no tables of Rota" if found is None else f"is of version {found}, this is {VERSIONS[-1]}"
        raise DatabaseOlder(f"database {store.url} {state}; run `rota database upgrade` first")


def upgrade(store: Store) -> tuple[str | None, str]:
    """Bring the database to this code's version in one transaction, creating it if need be; returns (from, to)."""
    _make_room(store)
    with store.write() as tx:
        if not store.is_sqlite:
            # Two programs may upgrade at once; the second waits here and then finds nothing to do.
            tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('rota upgrade'))"))
        found = version(tx)
        _refuse_newer(found, store)
        if found is None:
            _create(tx)
        elif found != VERSIONS[-1]:
            _migrate(tx)
    return found, VERSIONS[-1]


def _make_room(store: Store) -> None:
    if store.file is not None and not store.file.parent.is_dir():
        raise DatabaseUnusable(f"database {store.url}: there is no folder {store.file.parent}")


def _refuse_newer(found: str | None, store: Store) -> None:
    if found is not None and found not in VERSIONS:
        raise DatabaseNewer(
            f"database {store.url} is of version {found}, which is newer than this Rota ({VERSIONS[-1]}); upgrade Rota"
        )


def _create(tx: Transaction) -> None:
    """Make what all migrations together make of nothing; without Alembic it takes a tenth of the time."""
    described().create_all(tx, checkfirst=False)
    version_column = f"version_num VARCHAR(32) NOT NULL, CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num)"
    tx.execute(text(f"CREATE TABLE {VERSION_TABLE} ({version_column})"))
    tx.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:version)"), {"version": VERSIONS[-1]})  # noqa: S608 -- a constant
    tx.execute(insert(user), [{"name": ADMINISTRATOR, "role": "administrator", "created_at": _BEGAN}])
    tx.execute(insert(lock), [{"name": name} for name in _LOCKS])


_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_LOCKS = ("configuration", "scheduled-jobs", "jobs", "exclusive")
"""The rows that updates, scheduler passes and starts lock."""


def _migrate(tx: Transaction) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    command.upgrade(config, "head")


def findings(store: Store) -> list[str]:
    """What is wrong with a database of this version: damage that SQLite finds in its file, and tables that differ."""
    with store.read() as tx:
        damage = [str(line) for line in tx.execute(text("PRAGMA quick_check")).scalars()] if store.is_sqlite else []
        return [line for line in damage if line != "ok"] + differences(tx)


def differences(tx: Transaction) -> list[str]:
    """What distinguishes the tables found from those that this code describes, in words; empty when nothing does."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(
        tx,
        opts={
            "version_table": VERSION_TABLE,
            "include_name": lambda name, kind, _parent: kind != "table" or (name or "").startswith("rota_"),
        },
    )
    return [str(difference) for difference in compare_metadata(context, described())]
