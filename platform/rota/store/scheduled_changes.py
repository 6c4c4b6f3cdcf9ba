"""How scheduled jobs come, go and change: made, deleted, renamed, retimed, overridden. Called where a plan is applied,
and for what somebody asks of one job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from typing import Any

import msgspec
from msgspec.structs import asdict
from sqlalchemy import bindparam, delete, select, update

from rota.model.errors import WrongState
from rota.model.scheduled_job import Override
from rota.model.timing import Timing
from rota.store.bulk import as_instant, as_json, insert_rows
from rota.store.configurations import set_names_aside
from rota.store.connection import Transaction
from rota.store.tables import scheduled_job as job


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


def _override_data(override: Override) -> dict[str, Any]:
    until = override.until.isoformat() if override.until else None
    return {**asdict(override), "value": override.value, "at": override.at.isoformat(), "until": until}


def _lapse_at(overrides: Mapping[str, Override]) -> datetime | None:
    return min((each.until for each in overrides.values() if each.until), default=None)
