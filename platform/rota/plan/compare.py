"""Desired and actual to a plan. Pure: the same two pictures always give the same plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from rota.model.definition import OVERRIDABLE, Configuration, Definition
from rota.model.scheduled_job import ScheduledJob
from rota.model.values import Json
from rota.plan.operations import (
    ChangeDefinition,
    ChangeHeader,
    CreateDefinition,
    CreatePredefinedJob,
    DeleteDefinition,
    DeleteJob,
    Operation,
    RenameJob,
    RetimeJob,
)
from rota.plan.plan import Plan
from rota.plan.refusals import Allowed, refusals, unknown_users
from rota.plan.snapshot import Actual, ActualDefinition, Pair


def compare(desired: Configuration, actual: Actual, allowed: Allowed) -> Plan:
    """The plan that brings `actual` to `desired`."""
    pairs, gone = _match(desired, actual.definitions)
    operations = [
        *_header(desired, actual),
        *(each for old in gone for each in _delete(old)),
        *(each for new, old in pairs for each in _bring(new, old)),
    ]
    unchanged = sum(1 for new, old in pairs if old is not None and not _differs(new, old))
    return Plan(
        configuration=desired.name,
        digest=desired.digest,
        from_digest=actual.digest,
        from_revision=actual.revision,
        operations=tuple(operations),
        unchanged=unchanged,
        warnings=(
            *_moved(desired, actual.root),
            *_not_renamed(desired, actual, pairs),
            *_warnings(pairs),
            *_stranded(actual),
        ),
        refusals=tuple(refusals(desired, actual, pairs, gone, allowed)),
    )


def compare_applied(desired: Configuration, revision: int, root: str, users: AbstractSet[str]) -> Plan:
    """The plan for a configuration whose digest is that of the applied `revision`: nothing is to be done.

    All that its definitions became is right already, since nobody else may change it; but users may be gone. `root` is
    the folder that it was last applied from.
    """
    return Plan(
        configuration=desired.name,
        digest=desired.digest,
        from_digest=desired.digest,
        from_revision=revision,
        operations=(),
        unchanged=len(desired.definitions),
        warnings=tuple(_moved(desired, root)),
        refusals=tuple(unknown_users(desired, users)),
    )


def _match(desired: Configuration, actual: Mapping[str, ActualDefinition]) -> tuple[list[Pair], list[ActualDefinition]]:
    """Each declared definition with the stored one of its name or former name; and the stored ones left over.

    What the `renames` say is known, and comes before all names.
    """
    known = {name: actual[called] for name, called in (desired.renames or {}).items() if called in actual}
    taken = {old.name for old in known.values()}
    pairs: list[Pair] = []
    for definition in desired.definitions:
        old, former = known.get(definition.name), definition.renamed_from
        if old is None and definition.name not in taken:
            old = actual.get(definition.name)
        if old is None and former is not None and former not in desired.by_name and former not in taken:
            old = actual.get(former)
        pairs.append((definition, old))
    kept = {old.name for _, old in pairs if old is not None}
    return pairs, [old for name, old in actual.items() if name not in kept]


def _header(desired: Configuration, actual: Actual) -> Iterator[Operation]:
    wanted = desired.properties
    changed = {k: (actual.header.get(k), v) for k, v in wanted.items() if actual.header.get(k) != v}
    if changed or actual.revision == 0:
        yield ChangeHeader(name=desired.name, changed=changed, new=actual.revision == 0)


def _delete(old: ActualDefinition) -> Iterator[Operation]:
    for job in old.scheduled_jobs:
        yield DeleteJob(id=job.id, name=job.name)
    yield DeleteDefinition(id=old.id, name=old.name, properties=old.properties)


def _bring(new: Definition, old: ActualDefinition | None) -> Iterator[Operation]:
    if old is None:
        yield CreateDefinition(definition=new)
        if new.predefined:
            yield CreatePredefinedJob(definition=new)
        return
    changed = _changed(new, old)
    if changed or new.name != old.name:
        hidden = tuple(sorted({name for job in old.scheduled_jobs for name in changed if name in job.overrides}))
        yield ChangeDefinition(
            id=old.id,
            old_name=old.name,
            definition=new,
            changed=changed,
            hidden_by_override=hidden,
            use=_use(new, old.predefined_job),
        )
    yield from _bring_jobs(new, old, changed)


def _use(new: Definition, job: ScheduledJob | None) -> bool:
    override = job.overrides.get("use") if job else None
    return new.use if override is None else bool(override.value)


def _bring_jobs(
    new: Definition, old: ActualDefinition, changed: Mapping[str, tuple[Json, Json]]
) -> Iterator[Operation]:
    job = old.predefined_job
    if new.predefined and job is None:
        yield CreatePredefinedJob(definition=new)
    if not new.predefined and job is not None:
        yield DeleteJob(id=job.id, name=job.name)
        job = None
    if job is not None and job.name != new.name:
        yield RenameJob(id=job.id, name=new.name)
    for each in (job, *old.hand_made_jobs):
        if each is not None and _timing_changes(each, changed):
            yield RetimeJob(id=each.id, name=each.name, definition=new)


def _timing_changes(job: ScheduledJob, changed: Mapping[str, Any]) -> bool:
    return any(name in changed and name not in job.overrides for name in ("schedule", "use"))


def _differs(new: Definition, old: ActualDefinition) -> bool:
    return bool(_changed(new, old)) or new.name != old.name or new.predefined != (old.predefined_job is not None)


def _changed(new: Definition, old: ActualDefinition) -> dict[str, tuple[Json, Json]]:
    wanted = new.properties
    return {
        name: (old.properties.get(name), value) for name, value in wanted.items() if old.properties.get(name) != value
    }


def _moved(desired: Configuration, root: str) -> Iterator[str]:
    """Where its files lie is no part of a configuration, and changes nothing that a revision would keep."""
    if root and root != desired.root and desired.depends_on_root:
        yield (
            f"moves from {root} to {desired.root}: engines that were started without its files will look for its code "
            "there"
        )


def _not_renamed(desired: Configuration, actual: Actual, pairs: Iterable[Pair]) -> Iterator[str]:
    """What is created though it was to be renamed: a slip of the pen perhaps. Not on the way back to a revision."""
    if actual.revision == 0 or desired.renames is not None:
        return
    for new, old in pairs:
        former = new.renamed_from
        if old is None and former is not None and former not in actual.definitions:
            yield f"jobs.{new.name}.renamed_from: nothing is called {former}; {new.name} is created as new"


def _warnings(pairs: Iterable[Pair]) -> Iterator[str]:
    for new, old in pairs:
        if old is None:
            continue
        changed = _changed(new, old)
        for job in old.scheduled_jobs:
            for name in sorted(set(changed) & set(job.overrides) & set(OVERRIDABLE)):
                override = job.overrides[name]
                until = f", until {override.until:%Y-%m-%d %H:%M} UTC" if override.until else ""
                yield (
                    f"scheduled job {job.name}: the new {name} is hidden by an override of {override.by}"
                    f" ({override.at:%Y-%m-%d %H:%M} UTC{until}); `rota scheduled reset {job.name} {name}` lifts it"
                )
            if "parameters" in job.overrides and set(changed) & {"method", "command"}:
                yield (  # only the code knows what it takes
                    f"scheduled job {job.name}: its definition runs something else now, and nobody has checked that it "
                    f"takes the parameters that {job.overrides['parameters'].by} set"
                )


def _stranded(actual: Actual) -> Iterator[str]:
    """Background jobs whose executor goes: they keep its name, and nobody takes them up."""
    for executor, count in sorted(actual.waiting.items()):
        jobs = "background job waits" if count == 1 else "background jobs wait"
        yield (
            f"executor {executor} goes, and {count} {jobs} for it: until a configuration has it again, or somebody "
            "cancels them"
        )
