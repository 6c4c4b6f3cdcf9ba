"""Scheduled jobs: how they come, go and change, and how the scheduler takes what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache, partial
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Select, bindparam, delete, func, insert, select, text, update

from rota.model.errors import JobNotFound, UsageError, WrongState
from rota.model.scheduled_job import LastJob, Override, ScheduledJob
from rota.model.timing import Timing
from rota.store.bulk import as_instant, as_json, insert_rows
from rota.store.configurations import set_names_aside
from rota.store.connection import Transaction
from rota.store.tables import MAY_START, definition, missed, scheduled_job
from rota.store.tables import configuration as configuration_table

job = scheduled_job


class NewScheduledJob(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduled job to be inserted. `use` is the effective value."""

    id: str
    configuration: str
    name: str
    definition: int
    predefined: bool
    use: bool
    timing: Timing
    overrides: Mapping[str, Override]


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Occurrences of one job that will never start: how many, from which to which, and why."""

    scheduled_job: str
    first_start: datetime
    last_start: datetime
    count: int
    reason: str
    at: datetime

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


# Reading


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


def missed_of(tx: Transaction, job_id: str, limit: int = 10) -> list[Missed]:
    """The newest notes of missed occurrences of a job."""
    query = select(missed).where(missed.c.scheduled_job == job_id).order_by(missed.c.id.desc()).limit(limit)
    return [Missed(**{k: v for k, v in row.items() if k != "id"}) for row in tx.execute(query).mappings()]


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


def _override_data(override: Override) -> dict[str, Any]:
    until = override.until.isoformat() if override.until else None
    return {**asdict(override), "value": override.value, "at": override.at.isoformat(), "until": until}


def _lapse_at(overrides: Mapping[str, Override]) -> datetime | None:
    return min((each.until for each in overrides.values() if each.until), default=None)


# Coming, going and changing


def create(tx: Transaction, new: Sequence[NewScheduledJob], now: datetime) -> None:
    """Insert scheduled jobs. Raises `WrongState` where a name is taken, by somebody who was quicker perhaps."""
    instant = cache(partial(as_instant, tx))  # they share most of theirs
    rows = (_new_row(each, now, instant) for each in new)
    if insert_rows(tx, job, _NEW, rows, unless_there=True) < len(new):
        inserted = set(tx.execute(select(job.c.id).where(job.c.id.in_([each.id for each in new]))).scalars())
        taken = ", ".join(repr(each.name) for each in new if each.id not in inserted)
        raise WrongState(f"there is a scheduled job {taken} in configuration {new[0].configuration} already")


_NEW = (
    "id",
    "configuration",
    "name",
    "definition",
    "predefined",
    "overrides",
    "lapse_at",
    "use",
    "created_at",
    "active_since",
    "considered",
    "next_start",
    "look_at",
)


def _new_row(new: NewScheduledJob, now: datetime, instant: Callable[[datetime | None], Any]) -> tuple[Any, ...]:
    """The values of `_NEW`."""
    timing = new.timing
    return (
        new.id,
        new.configuration,
        new.name,
        new.definition,
        new.predefined,
        as_json({name: _override_data(o) for name, o in new.overrides.items()}),
        instant(_lapse_at(new.overrides)),
        new.use,
        instant(now),
        instant(timing.active_since),
        instant(timing.considered),
        instant(timing.next_start),
        instant(timing.look_at),
    )


def remove(tx: Transaction, ids: Sequence[str]) -> None:
    """Delete scheduled jobs. A run in progress goes on: it has everything it needs."""
    if ids:
        tx.execute(delete(job).where(job.c.id == bindparam("id_")), [{"id_": i} for i in ids])


def rename(tx: Transaction, names: Mapping[str, str]) -> None:
    """Give jobs, by id, a new name."""
    if names:
        set_names_aside(tx, job, list(names))
        tx.execute(
            update(job).where(job.c.id == bindparam("id_")).values(name=bindparam("name_")),
            [{"id_": i, "name_": name} for i, name in names.items()],
        )


def retime(tx: Transaction, timings: Mapping[str, tuple[bool, Timing]]) -> None:
    """Give jobs, by id, the effective `use` and the timing that follow from a change of schedule or use."""
    if timings:
        instant = job.c.look_at.type
        columns = ("active_since", "considered", "next_start", "look_at")
        tx.execute(
            update(job)
            .where(job.c.id == bindparam("id_"))
            .values(use=bindparam("use_"), held=None, **{c: bindparam(f"{c}_", type_=instant) for c in columns}),
            [
                {"id_": i, "use_": use, **{f"{name}_": value for name, value in asdict(timing).items()}}
                for i, (use, timing) in timings.items()
            ],
        )


def set_overrides(tx: Transaction, job_id: str, overrides: Mapping[str, Override]) -> None:
    """Replace the overrides of a job by these."""
    tx.execute(
        update(job)
        .where(job.c.id == job_id)
        .values(
            overrides={name: _override_data(override) for name, override in overrides.items()},
            lapse_at=_lapse_at(overrides),
        )
    )


# The scheduler's part


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


def note_missed(tx: Transaction, notes: Sequence[Missed]) -> None:
    if notes:
        tx.execute(insert(missed), [asdict(note) for note in notes])


def forget_missed_before(tx: Transaction, cutoff: datetime) -> int:
    return tx.execute(delete(missed).where(missed.c.at < cutoff)).rowcount
