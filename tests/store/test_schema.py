"""The version of the database: made once, by one, whole, and never by code that does not know it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect, text

from rota.model.errors import DatabaseNewer, DatabaseOlder, DatabaseUnusable
from rota.store import Store, Transaction, schema
from tests.support.store_process import Child, together

NEWEST = schema.VERSIONS[-1]


def tables(store: Store) -> list[str]:
    with store.read() as tx:
        return sorted(inspect(tx).get_table_names())


def set_version(store: Store, version: str) -> None:
    with store.write() as tx:
        tx.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = :v"), {"v": version})


def test_an_upgrade_creates_what_the_code_describes(database_url: str) -> None:
    store = Store(database_url)
    assert schema.upgrade(store) == (None, NEWEST)
    with store.read() as tx:
        assert schema.differences(tx) == []
        assert schema.version(tx) == NEWEST
    schema.require_current(store)
    store.close()


def test_a_new_database_is_what_all_migrations_make_of_nothing(database_url: str) -> None:
    """Word for word on SQLite; on PostgreSQL by what its catalogue says of every column, constraint and index."""
    created = Store(database_url)
    schema.upgrade(created)
    with created.read() as tx:
        directly = _everything(tx)
    with created.write() as tx:
        for name in tables(created):
            tx.execute(text(f"DROP TABLE {name} CASCADE" if not created.is_sqlite else f"DROP TABLE {name}"))
    with created.write() as tx:
        schema._migrate(tx)
    with created.read() as tx:
        assert _everything(tx) == directly
    created.close()


def _everything(tx: Transaction) -> dict[str, Any]:
    """The schema and every row of a database in which nothing has happened yet."""
    rows = {name: sorted(map(str, tx.execute(text(f"SELECT * FROM {name}")))) for name in inspect(tx).get_table_names()}
    told = (tx.execute(text(query)) for query in _CATALOGUE[tx.dialect.name])
    return {"rows": rows, "schema": [sorted(" ".join(str(tuple(row)).split()) for row in found) for found in told]}


_CATALOGUE = {
    "sqlite": ["SELECT name, replace(replace(sql, char(10), ''), char(9), '') FROM sqlite_master"],
    "postgresql": [
        """
        SELECT table_name, ordinal_position, column_name, data_type, is_nullable, column_default,
            character_maximum_length
        FROM information_schema.columns WHERE table_schema = 'public'
        """,
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        """,
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace",
        "SELECT sequencename, data_type::text, start_value FROM pg_sequences WHERE schemaname = 'public'",
    ],
}


def test_an_upgrade_of_the_newest_does_nothing(store: Store) -> None:
    before = tables(store)
    assert schema.upgrade(store) == (NEWEST, NEWEST)
    assert tables(store) == before


def test_differences_are_found(store: Store) -> None:
    """The comparison that the other tests lean on does see what is wrong."""
    with store.write() as tx:
        tx.execute(text("ALTER TABLE rota_audit DROP COLUMN facts"))
        tx.execute(text("CREATE TABLE of_somebody_else (x INTEGER)"))
        tx.execute(text("CREATE TABLE rota_strange (x INTEGER)"))
        found = " ".join(schema.differences(tx))
        tx.rollback()
    assert "facts" in found
    assert "rota_strange" in found
    assert "of_somebody_else" not in found


def test_of_processes_that_upgrade_at_once_one_does(database_url: str) -> None:
    with ExitStack() as stack:
        answers = together([stack.enter_context(Child("upgrade", database_url)) for _ in range(4)])
    assert sorted(answers, key=str) == [[NEWEST, NEWEST]] * 3 + [[None, NEWEST]]


class Stumble(Exception):
    """Raised in place of a statement."""


@pytest.mark.parametrize("at", [5, 15, 25])
def test_an_upgrade_that_breaks_off_leaves_nothing(database_url: str, at: int) -> None:
    store = Store(database_url)
    done: list[str] = []

    @event.listens_for(store._engine, "before_cursor_execute")
    def stumble(_c: Any, _cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool) -> None:
        done.append(statement)
        if len(done) == at:
            raise Stumble

    with pytest.raises(Stumble):
        schema.upgrade(store)
    assert tables(store) == []
    assert schema.upgrade(store) == (None, NEWEST)
    store.close()


def test_a_newer_database_is_refused(store: Store) -> None:
    set_version(store, "9999")
    for act in (schema.require_current, schema.upgrade):
        with pytest.raises(DatabaseNewer) as refused:
            act(store)
        assert str(refused.value) == (
            f"database {store.url} is of version 9999, which is newer than this Rota ({NEWEST}); upgrade Rota"
        )
    set_version(store, NEWEST)


def test_an_older_database_is_refused_until_it_is_upgraded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSIONS", ("0000", NEWEST))
    set_version(store, "0000")
    with pytest.raises(DatabaseOlder) as refused:
        schema.require_current(store)
    assert str(refused.value) == (
        f"database {store.url} is of version 0000, this is {NEWEST}; run `rota database upgrade` first"
    )
    set_version(store, NEWEST)


def test_a_database_without_tables_is_refused(database_url: str) -> None:
    store = Store(database_url)
    if store.file is not None:
        store.file.touch()
    with pytest.raises(DatabaseOlder, match="has no tables of Rota; run `rota database upgrade` first"):
        schema.require_current(store)
    store.close()


def test_a_database_that_does_not_exist_is_refused_and_not_made(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/rota.db")
    with pytest.raises(DatabaseOlder, match="does not exist; `rota apply` or `rota run` creates it"):
        schema.require_current(store)
    assert not store.exists()


def test_a_folder_is_not_made_for_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusable, match=r"there is no folder .*/no"):
        schema.upgrade(Store(f"sqlite:///{tmp_path}/no/rota.db"))


def test_tables_of_others_stay_as_they_are(database_url: str) -> None:
    store = Store(database_url)
    with store.write() as tx:
        tx.execute(text("CREATE TABLE mine (x INTEGER)"))
        tx.execute(text("INSERT INTO mine VALUES (1)"))
    assert schema.upgrade(store) == (None, NEWEST)
    with store.read() as tx:
        assert tx.execute(text("SELECT x FROM mine")).scalar() == 1
        assert schema.differences(tx) == []
    store.close()


def test_a_sound_database_has_no_findings(store: Store) -> None:
    assert schema.findings(store) == []


def test_an_index_that_is_gone_is_found(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("DROP INDEX ix_rota_audit_at"))
    (finding,) = schema.findings(store)
    assert "ix_rota_audit_at" in finding
