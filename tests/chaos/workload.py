"""What the chaos runs on: a database with jobs that are due every few seconds, and the tables and triggers of the test.

Triggers log every change of a background job's state in the transaction that makes it. So the checker sees the states
that were, in their order, and not only the last ones.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rota.app import scheduled
from rota.app.context import Context
from rota.model.users import ADMINISTRATOR
from rota.runtime.clock import SystemClock
from rota.store import Store
from rota.store.tables import metadata
from rota.testing import apply_configuration, make_store
from tests.chaos import jobs
from tests.support.command_line import ROOT


def every(seconds: int, within: int) -> dict[str, Any]:
    return {"days_repeat_period": 1, "repeat_period_in_day": seconds, "start_within": within}


SCHEDULED: dict[str, Any] = {
    "every-second": {"executor": "thread", "schedule": every(1, 1)},
    "every-two": {"executor": "thread", "schedule": every(2, 20)},
    "every-three": {"executor": "processes", "schedule": every(3, 6), "retry": {"count": 20, "interval": "1s"}},
    "longer-than-its-period": {"executor": "thread", "schedule": every(1, 2), "parameters": {"seconds": 2.5}},
    "with-key": {"executor": "thread", "schedule": every(3, 5), "key": "one", "parameters": {"seconds": 0.5}},
    "in-a-transaction": {"method": f"{jobs.__name__}:book", "parameters": {"seconds": 0}, "schedule": every(4, 8)},
}
HEADER: dict[str, Any] = {
    "modules": [jobs.__name__],
    "path": [str(ROOT)],
    "executors": {"processes": {"kind": "process", "workers": 2}},
    "retention": {"age": "30d", "count": 10_000_000},
}


def make_database(url: str) -> Store:
    """The database with everything in it, before the first engine looks at it."""
    store = make_store(url)
    _add_tables(store)
    declared = {name: {"method": jobs.WORK, "executor": "processes", **job} for name, job in SCHEDULED.items()}
    apply_configuration(store, declared, now=datetime.now(UTC), name="chaos", **HEADER)
    context = Context(store, SystemClock(), ADMINISTRATOR)
    scheduled.create(context, "with-key", "with-the-same-key", {"use": True})
    return store


_TABLES = (
    """CREATE TABLE chaos_state
    (number {serial}, job TEXT, before TEXT, after TEXT, attempt INTEGER, holds BOOLEAN, owns TEXT)""",
    "CREATE TABLE chaos_order (id TEXT)",
    "CREATE TABLE chaos_effect (job TEXT, attempt INTEGER)",
)

_HOLDS = "new.key IS NOT NULL AND NOT new.behind AND new.state IN ('queued', 'running', 'waiting')"
_CHANGED = "old.state <> new.state OR old.attempt <> new.attempt OR old.behind <> new.behind"
_INTO = "INSERT INTO chaos_state (job, before, after, attempt, holds, owns)"
_NEW = f"new.state, new.attempt, {_HOLDS}, new.key_scope || ' ' || new.key"
_INSERTED = f"{_INTO} VALUES (new.id, NULL, {_NEW});"
_UPDATED = f"{_INTO} VALUES (new.id, old.state, {_NEW});"
_DELETED = f"{_INTO} VALUES (old.id, old.state, NULL, old.attempt, FALSE, NULL);"

_ON_SQLITE = (
    f"CREATE TRIGGER chaos_inserted AFTER INSERT ON rota_background_job BEGIN {_INSERTED} END",
    f"CREATE TRIGGER chaos_updated AFTER UPDATE ON rota_background_job WHEN {_CHANGED} BEGIN {_UPDATED} END",
    f"CREATE TRIGGER chaos_deleted AFTER DELETE ON rota_background_job BEGIN {_DELETED} END",
)

_ON_POSTGRESQL = (
    "CREATE TABLE chaos_disk (is_full BOOLEAN)",
    "INSERT INTO chaos_disk VALUES (FALSE)",
    f"""CREATE FUNCTION chaos_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF tg_op = 'INSERT' THEN {_INSERTED} ELSIF tg_op = 'DELETE' THEN {_DELETED} ELSIF {_CHANGED} THEN {_UPDATED} END IF;
    RETURN NULL; END $$""",
    """CREATE TRIGGER chaos_log AFTER INSERT OR UPDATE OR DELETE ON rota_background_job
    FOR EACH ROW EXECUTE FUNCTION chaos_log()""",
    """CREATE FUNCTION chaos_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT is_full FROM chaos_disk) THEN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END IF;
    RETURN NULL; END $$""",
    *(
        f"CREATE TRIGGER chaos_room BEFORE INSERT OR UPDATE ON {name} FOR EACH STATEMENT EXECUTE FUNCTION chaos_room()"
        for name in metadata.tables
    ),
)


def _add_tables(store: Store) -> None:
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT" if store.is_sqlite else "BIGSERIAL PRIMARY KEY"
    with store.write() as tx:
        for statement in (*_TABLES, *(_ON_SQLITE if store.is_sqlite else _ON_POSTGRESQL)):
            tx.exec_driver_sql(statement.replace("{serial}", serial))
