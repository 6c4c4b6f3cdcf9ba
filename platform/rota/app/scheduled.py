"""What can be done with scheduled jobs: look, override, reset, start by hand, create and delete hand-made ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from rota.app import overrides, rights
from rota.app.context import Context
from rota.engine.scheduled_start import background_job_of
from rota.model.acts import Act
from rota.model.definition import OVERRIDABLE
from rota.model.errors import JobNotFound, KeyInUse, Locked, PredefinedJobError, UsageError, WrongState
from rota.model.ids import new_id
from rota.model.lapses import foreseen, lapsed
from rota.model.scheduled_job import Override, ScheduledJob
from rota.model.timing import timing_from
from rota.schedule import Schedule
from rota.store import (
    Transaction,
    configurations,
    keys,
    lapses,
    locks,
    missed_notes,
    new_jobs,
    scheduled_changes,
    scheduled_jobs,
    scheduled_runs,
    users,
)
from rota.store.configurations import AppliedConfiguration
from rota.store.missed_notes import Missed
from rota.store.scheduled_changes import NewScheduledJob
from rota.store.wakeups import wake_engines


def select(
    context: Context, *, name: str | None = None, predefined: bool | None = None, use: bool | None = None
) -> list[ScheduledJob]:
    """The scheduled jobs that meet every condition given, by name; `name` may hold `*`."""
    rights.require(context, Act.SCHEDULED_JOB_SEE)
    with context.store.read() as tx:
        jobs = [foreseen(lapsed(job, context.now())) for job in scheduled_jobs.all_jobs(tx)]
    return [
        job
        for job in jobs
        if (name is None or fnmatchcase(job.name, name))
        and (predefined is None or job.predefined is predefined)
        and (use is None or job.use is use)
    ]


def find(context: Context, selector: str) -> ScheduledJob:
    """The job of that name, id, or `configuration/name`."""
    rights.require(context, Act.SCHEDULED_JOB_SEE)
    with context.store.read() as tx:
        return foreseen(lapsed(scheduled_jobs.find(tx, selector), context.now()))


def missed(context: Context, job: ScheduledJob) -> list[Missed]:
    """The newest notes of what the job missed."""
    rights.require(context, Act.SCHEDULED_JOB_SEE)
    with context.store.read() as tx:
        return missed_notes.newest(tx, job.id)


def override(
    context: Context,
    selector: str,
    values: Mapping[str, Any],
    reason: str | None = None,
    until: datetime | None = None,
) -> ScheduledJob:
    """Set properties of a job at run time; they stay in force through every update until they are reset.

    At `until`, if it is given, they end by themselves. Raises `UsageError` naming everything that is wrong with the
    values.
    """
    rights.require(context, Act.SCHEDULED_JOB_OVERRIDE)
    if not values:
        raise UsageError("nothing to set")
    _require_later(until, context.now())
    with context.store.write() as tx:
        job = _locked(context, tx, selector)
        home = _home(tx, job.configuration)
        now = context.now()
        new = overrides.checked(tx, home, job.definition, job.effective_properties(), values, predefined=job.predefined)
        made = {
            name: Override(value=value, by=context.user, at=now, reason=reason, until=until)
            for name, value in new.items()
        }
        facts = {**new, "until": until.isoformat()} if until else new
        rights.note(context, tx, Act.SCHEDULED_JOB_OVERRIDE, job.name, reason=reason, facts=facts)
        return foreseen(_replace(context, tx, job, {**job.overrides, **made}))


def _require_later(until: datetime | None, now: datetime) -> None:
    if until is None:
        return
    if until.tzinfo is None:
        raise UsageError(f"until {until}: an instant needs a time zone")
    if until <= now:
        raise UsageError(f"until {until.astimezone():%Y-%m-%d %H:%M:%S}: is not later than now")


def reset(context: Context, selector: str, properties: Sequence[str] = ()) -> ScheduledJob:
    """Lift overrides: those of `properties`, or all. The configured values are in force again."""
    rights.require(context, Act.SCHEDULED_JOB_RESET)
    for name in properties:
        if name not in (*OVERRIDABLE, *overrides.HAND_MADE_ONLY):
            raise UsageError(f"{name!r} is not a property that can be overridden: {', '.join(OVERRIDABLE)}")
    with context.store.write() as tx:
        job = _locked(context, tx, selector)
        kept = {name: o for name, o in job.overrides.items() if properties and name not in properties}
        if len(kept) == len(job.overrides):
            return job
        lifted = {name: job.overrides[name].value for name in job.overrides if name not in kept}
        rights.note(context, tx, Act.SCHEDULED_JOB_RESET, job.name, facts=lifted)
        return _replace(context, tx, job, kept)


def _replace(context: Context, tx: Transaction, job: ScheduledJob, new: Mapping[str, Override]) -> ScheduledJob:
    """Write a job's overrides; a changed schedule or use makes it active since now."""
    scheduled_changes.set_overrides(tx, job.id, new)
    after = scheduled_jobs.get(tx, job.id)
    if (after.effective("schedule"), after.use) != (job.effective("schedule"), job.use):
        timing = timing_from(context.now(), after.schedule, use=after.use)
        scheduled_changes.retime(tx, {job.id: (after.use, timing)})
    wake_engines(tx)
    return scheduled_jobs.get(tx, job.id)


def start(context: Context, selector: str) -> str:
    """Start a job now, whatever its schedule says; returns the id of the background job.

    Raises `WrongState` while it runs already or its user is disabled, `KeyInUse`, and `Locked` while no scheduled job
    may start.
    """
    rights.require(context, Act.SCHEDULED_JOB_START)
    with context.store.write() as tx:
        job = _locked(context, tx, selector)
        for lock in locks.share(tx, context.now()):
            raise Locked(lock)
        if job.active_job is not None:
            raise WrongState(f"scheduled job {job.name!r} runs already, as background job {job.active_job}")
        new = background_job_of(job, context.now())
        if users.disabled(tx, [new.user]):
            raise WrongState(f"scheduled job {job.name!r} runs as user {new.user!r}, who is disabled")
        if not new_jobs.insert_jobs(tx, [new], configurations.queues_of(tx, [new])):
            raise KeyInUse(new.key or "", keys.holder(tx, new.key_scope, new.key or "") or "unknown")
        scheduled_runs.start_by_hand(tx, job.id, new.id)
        rights.note(context, tx, Act.SCHEDULED_JOB_START, job.name, facts={"job": new.id})
        wake_engines(tx)
    return new.id


def create(
    context: Context, definition: str, name: str, values: Mapping[str, Any], reason: str | None = None
) -> ScheduledJob:
    """Make a scheduled job by hand from a definition, with values of its own.

    `definition` is its name, or `configuration/name`. Raises `JobNotFound` for an unknown one.
    """
    rights.require(context, Act.SCHEDULED_JOB_CREATE)
    with context.store.write() as tx:
        locks.share_configuration(tx)  # no update may delete the definition meanwhile
        home, template = _template(tx, definition)
        now = context.now()
        own = overrides.checked(tx, home, template.name, template.properties, values, predefined=False)
        effective = {**template.properties, **own}
        schedule: Any = effective["schedule"]
        use = bool(effective["use"])
        new = NewScheduledJob(
            id=new_id(),
            configuration=home.name,
            name=name,
            definition=template.id,
            predefined=False,
            use=use,
            timing=timing_from(now, Schedule.parse(schedule) if schedule else None, use=use),
            overrides={k: Override(value=v, by=context.user, at=now, reason=reason) for k, v in own.items()},
        )
        scheduled_changes.create(tx, [new], now)
        facts = {"definition": template.name, **own}
        rights.note(context, tx, Act.SCHEDULED_JOB_CREATE, name, reason=reason, facts=facts)
        wake_engines(tx)
        return scheduled_jobs.get(tx, new.id)


def delete(context: Context, selector: str) -> None:
    """Delete a scheduled job made by hand. Raises `PredefinedJobError` for a predefined one."""
    rights.require(context, Act.SCHEDULED_JOB_DELETE)
    with context.store.write() as tx:
        job = _locked(context, tx, selector)
        if job.predefined:
            raise PredefinedJobError(job.name, "deleted")
        scheduled_changes.remove(tx, [job.id])
        rights.note(context, tx, Act.SCHEDULED_JOB_DELETE, job.name, facts={"definition": job.definition})


def _locked(context: Context, tx: Transaction, selector: str) -> ScheduledJob:
    job = scheduled_jobs.get(tx, scheduled_jobs.find(tx, selector).id, lock=True)
    return lapses.restored(tx, job, context.now())


def _home(tx: Transaction, name: str) -> AppliedConfiguration:
    return configurations.applied(tx, name)[0]


def _template(tx: Transaction, selector: str) -> tuple[AppliedConfiguration, configurations.StoredDefinition]:
    configuration, _, name = selector.rpartition("/")
    found = [
        (home, each)
        for home in configurations.applied(tx, configuration or None)
        for each in configurations.definitions(tx, home.name, {name})
    ]
    if not found:
        raise JobNotFound("definition", selector)
    if len(found) > 1:
        raise UsageError(f"several configurations have a definition {name!r}; write configuration/{name}")
    return found[0]
