"""Operations to the store: the one place where a plan is carried out, in the transaction it was made in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar

from rota.model.definition import Configuration, Definition
from rota.model.ids import new_id
from rota.model.revision import NO_ORIGIN, Origin
from rota.model.scheduled_job import ScheduledJob
from rota.model.timing import Timing, timing_from
from rota.plan.operations import (
    ChangeDefinition,
    CreateDefinition,
    CreatePredefinedJob,
    DeleteDefinition,
    DeleteJob,
    Operation,
    RenameJob,
    RetimeJob,
)
from rota.plan.plan import Plan
from rota.schedule import Schedule
from rota.store import Transaction, configurations, revisions, scheduled_jobs
from rota.store.scheduled_jobs import NewScheduledJob

Kind = TypeVar("Kind")


def carry_out(
    tx: Transaction,
    plan: Plan,
    desired: Configuration,
    *,
    by: str,
    now: datetime,
    origin: Origin = NO_ORIGIN,
    differing: AbstractSet[str] | None = None,
) -> int:
    """Carry out a plan that is neither empty nor refused; returns the number of the new revision.

    What goes, goes first, so that names are free for what comes. `differing` names all definitions that may differ from
    the applied ones, where that is known.
    """
    number = plan.from_revision + 1
    operations = plan.operations
    configurations.save_header(tx, desired, number=number, by=by, now=now)
    scheduled_jobs.remove(tx, [each.id for each in _only(operations, DeleteJob)])
    configurations.delete_definitions(tx, [each.id for each in _only(operations, DeleteDefinition)])
    _change(tx, _only(operations, ChangeDefinition))
    _rename(tx, _only(operations, RenameJob))
    _create(tx, desired, operations, now)
    _retime(tx, _only(operations, RetimeJob), now)
    revisions.write(
        tx,
        desired,
        number=number,
        by=by,
        now=now,
        summary=plan.summary,
        renames=plan.renames,
        origin=origin,
        differing=differing,
    )
    return number


def _only(operations: Iterable[Operation], kind: type[Kind]) -> list[Kind]:
    return [each for each in operations if isinstance(each, kind)]


def _change(tx: Transaction, changes: Sequence[ChangeDefinition]) -> None:
    configurations.change_definitions(
        tx, [(each.id, each.definition.name, each.definition.properties) for each in changes]
    )


def _rename(tx: Transaction, renames: Sequence[RenameJob]) -> None:
    scheduled_jobs.rename(tx, {each.id: each.name for each in renames})


def _create(tx: Transaction, desired: Configuration, operations: Sequence[Operation], now: datetime) -> None:
    new = [each.definition for each in _only(operations, CreateDefinition)]
    created = configurations.create_definitions(tx, desired.name, [(each.name, each.properties) for each in new])
    jobs = [each.definition for each in _only(operations, CreatePredefinedJob)]
    if jobs:
        ids = created or configurations.definition_ids(tx, desired.name)
        timing = cache(partial(timing_from, now))  # most of ten thousand jobs share their schedule with others
        rows = [_predefined(desired.name, definition, ids[definition.name], timing) for definition in jobs]
        scheduled_jobs.create(tx, rows, now)


def _predefined(
    configuration: str, definition: Definition, definition_id: int, timing: Callable[..., Timing]
) -> NewScheduledJob:
    return NewScheduledJob(
        id=new_id(),
        configuration=configuration,
        name=definition.name,
        definition=definition_id,
        predefined=True,
        use=definition.use,
        timing=timing(definition.schedule, use=definition.use),
        overrides={},
    )


def _retime(tx: Transaction, operations: Sequence[RetimeJob], now: datetime) -> None:
    scheduled_jobs.retime(
        tx,
        {each.id: _new_timing(scheduled_jobs.get(tx, each.id), each.definition, now) for each in operations},
    )


def _new_timing(job: ScheduledJob, definition: Definition, now: datetime) -> tuple[bool, Timing]:
    overrides = job.overrides
    use = bool(overrides["use"].value) if "use" in overrides else definition.use
    if "schedule" not in overrides:
        return use, timing_from(now, definition.schedule, use=use)
    hidden: Any = overrides["schedule"].value
    schedule = Schedule.parse(hidden) if hidden else None
    return use, timing_from(now, schedule, use=use)
