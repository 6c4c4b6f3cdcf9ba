"""Factories: a database, a configuration in it, a job in its queue, with sane values for what a test leaves open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rota.configuration.load import load_data
from rota.model.background_job import NewJob
from rota.model.command import Command
from rota.model.definition import Configuration
from rota.model.errors import ConfigurationError
from rota.model.ids import new_id
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed
from rota.reconcile.reconciler import Applied, apply
from rota.store import Store, configurations, new_jobs, schema
from rota.store.wakeups import wake_engines


def make_store(url: str) -> Store:
    """The database at `url`, an SQLAlchemy URL, brought to this version. Close it in the end."""
    store = Store(url)
    schema.upgrade(store)
    return store


def make_configuration(jobs: Mapping[str, Any], *, name: str = "trial", **header: Any) -> Configuration:
    """A checked configuration from `jobs` as they stand in YAML; `header` is what `configuration:` may hold.

    Raises `ConfigurationError` with everything that is wrong with it.
    """
    data = {"rota": 1, "configuration": {"name": name, **header}, "jobs": dict(jobs)}
    loaded = load_data(data, name=f"{name}.yaml")
    if loaded.configuration is None:
        raise ConfigurationError(loaded.errors)
    return loaded.configuration


def apply_configuration(
    store: Store, jobs: Mapping[str, Any], *, now: datetime, name: str = "trial", **header: Any
) -> Applied:
    """Make a configuration and apply it at `now`. Raises `UpdateRefused` as an update does."""
    configuration = make_configuration(jobs, name=name, **header)
    return apply(store, configuration, Allowed(), by=ADMINISTRATOR, now=lambda: now)


def queue_job(
    store: Store,
    *,
    now: datetime,
    method: str | None = None,
    command: Command | Sequence[str] | None = None,
    **values: Any,
) -> str:
    """Insert one queued background job, due at `now` unless `due_at` says otherwise; returns its id.

    `values` are fields of `NewJob`; `command` may be an argv alone. A method's own name is the job's, a method is run
    by a thread and a command by the command executor, where nothing else is said.
    """
    facts: dict[str, Any] = {
        "id": new_id(),
        "method": method,
        "command": command if isinstance(command, Command | None) else Command(argv=tuple(command)),
        "name": (method or "command").rpartition(":")[2],
        "key_scope": method or "",
        "user": ADMINISTRATOR,
        "executor": "thread" if method else "command",
        "due_at": now,
        "created_at": now,
        **values,
    }
    new = NewJob(**facts)
    with store.write() as tx:
        if not new_jobs.insert_jobs(tx, [new], configurations.queues_of(tx, [new])):
            raise ValueError(f"key {new.key!r} is taken")
        wake_engines(tx)
    return new.id
