"""Stored scheduled jobs: how everybody finds them, and how the scheduler finds those that are due."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select, text

from rota.model.errors import JobNotFound, UsageError
from rota.model.scheduled_job import LastJob, Override, ScheduledJob
from rota.store.connection import Transaction
from rota.store.tables import MAY_START, definition
from rota.store.tables import configuration as configuration_table
from rota.store.tables import scheduled_job as job


def of_configuration(tx: Transaction, name: str, definitions: AbstractSet[str] | None = None) -> list[ScheduledJob]:
    """The jobs of a configuration, or those with definitions of these names."""
    query = _query().where(job.c.configuration == name)
    if definitions is not None:
        query = query.where(definition.c.configuration == name, definition.c.name.in_(definitions))
    return _read(tx, query)


def homes(tx: Transaction, configuration: str, names: AbstractSet[str]) -> set[str]:
    """The names of the definitions whose jobs bear one of these names."""
    query = (
        select(definition.c.name)
        .join(job, job.c.definition == definition.c.id)
        .where(job.c.configuration == configuration, job.c.name.in_(names))
    )
    return set(tx.execute(query).scalars())


def all_jobs(tx: Transaction) -> list[ScheduledJob]:
    return _read(tx, _query())


def find(tx: Transaction, selector: str) -> ScheduledJob:
    """The job that `selector` names: its id or a prefix of it, its name, or `configuration/name`.

    Raises `JobNotFound`, and `UsageError` where several jobs answer.
    """
    found = _read(tx, _query().where(job.c.id == selector))
    if found:
        return found[0]
    configuration, _, name = selector.rpartition("/")
    # The index of names begins with the configuration: to name them all looks into it for each, and reads no other job.
    configurations = [configuration] if configuration else select(configuration_table.c.name)
    found = _read(tx, _query().where(job.c.configuration.in_(configurations), job.c.name == name))
    if not found:
        found = _read(tx, _query().where(job.c.id.startswith(selector, autoescape=True)).limit(2))
    if len(found) > 1:
        names = ", ".join(f"{each.configuration}/{each.name}" for each in found)
        raise UsageError(f"{selector!r} means several scheduled jobs: {names}")
    if not found:
        names_known = list(tx.execute(select(job.c.name)).scalars())
        raise JobNotFound("scheduled job", selector, next(iter(get_close_matches(name, names_known, 1)), None))
    return found[0]


def get(tx: Transaction, job_id: str, *, lock: bool = False) -> ScheduledJob:
    """The job of that id, locked until the transaction ends if so wished. Raises `JobNotFound`."""
    query = _query().where(job.c.id == job_id)
    found = _read(tx, query.with_for_update(of=job) if lock else query)
    if not found:
        raise JobNotFound("scheduled job", job_id)
    return found[0]


def hold(tx: Transaction, configuration: str) -> None:
    """Lock the jobs of a configuration, in the order of their ids as everybody does who locks several.

    On SQLite whoever writes is alone, and ten thousand jobs are not read for nothing.
    """
    if tx.dialect.name == "sqlite":
        return
    tx.execute(select(job.c.id).where(job.c.configuration == configuration).order_by(job.c.id).with_for_update())


_COLUMNS = (
    job.c.id,
    job.c.name,
    definition.c.name,
    job.c.definition,
    job.c.configuration,
    job.c.predefined,
    definition.c.properties,
    job.c.overrides,
    job.c.active_since,
    job.c.considered,
    job.c.next_start,
    job.c.look_at,
    job.c.active_job,
    job.c.last_job,
    job.c.last_state,
    job.c.last_begin,
    job.c.last_end,
    job.c.held,
    job.c.missed,
    definition.c.unresolved,
    job.c.created_at,
)
"""What a scheduled job is made of, in the order that `_job` takes it apart."""


def _query() -> Select[Any]:
    home = definition.c.id == job.c.definition
    return select(*_COLUMNS).join_from(job, definition, home).order_by(job.c.configuration, job.c.name)


def _read(tx: Transaction, query: Select[Any]) -> list[ScheduledJob]:
    return [_job(row) for row in tx.execute(query)]


def _job(row: Sequence[Any]) -> ScheduledJob:
    """The job of a row of `_COLUMNS`. A name for each column costs most of reading a batch."""
    (
        job_id, name, definition_name, definition_id, configuration, predefined, configured, overrides, active_since,
        considered, next_start, look_at, active_job, last_id, last_state, last_begin, last_end, held, missed_count,
        unresolved, created_at,
    ) = row  # fmt: skip
    return ScheduledJob(
        id=job_id,
        name=name,
        definition=definition_name,
        definition_id=definition_id,
        configuration=configuration,
        predefined=predefined,
        configured=configured,
        overrides={each: _override(data) for each, data in overrides.items()},
        active_since=active_since,
        considered=considered,
        next_start=next_start,
        look_at=look_at,
        active_job=active_job,
        last_job=LastJob(id=last_id, state=last_state, begin_at=last_begin, end_at=last_end) if last_id else None,
        held=held,
        missed=missed_count,
        unresolved=unresolved,
        created_at=created_at,
    )


def _override(data: Any) -> Override:
    instants = {name: datetime.fromisoformat(data[name]).astimezone(UTC) for name in ("at", "until") if data.get(name)}
    return Override(**{**data, **instants})


_DUE = (
    _query()
    .where(text(MAY_START), job.c.look_at <= bindparam("now_"))
    .order_by(None)
    .order_by(job.c.look_at)
    .limit(bindparam("limit_"))
    .with_for_update(skip_locked=True, of=job)
)


def due(tx: Transaction, now: datetime, limit: int) -> list[ScheduledJob]:
    """Up to `limit` jobs to look at, longest waiting first, locked; those that another node looks at are left out."""
    return [_job(row) for row in tx.execute(_DUE, {"now_": now, "limit_": limit})]


class Ahead(NamedTuple):
    """When the first job is to be looked at, and when the first override ends by itself."""

    look_at: datetime | None
    lapse_at: datetime | None

    @property
    def first(self) -> datetime | None:
        return min((at for at in self if at is not None), default=None)


_AHEAD = select(
    select(func.min(job.c.look_at)).where(text(MAY_START)).scalar_subquery(),
    select(func.min(job.c.lapse_at)).where(job.c.lapse_at.is_not(None)).scalar_subquery(),
)


def ahead(tx: Transaction) -> Ahead:
    """What the scheduler has before it."""
    return Ahead(*tx.execute(_AHEAD).one())


def next_look(tx: Transaction) -> datetime | None:
    """When the scheduler must look next, for whichever of the two."""
    return ahead(tx).first
