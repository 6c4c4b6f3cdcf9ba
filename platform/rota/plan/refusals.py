"""What keeps a plan from being carried out, and what a caller may allow all the same. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

import msgspec

from rota.model.counting import counted
from rota.model.definition import BUILT_IN_EXECUTORS, Configuration
from rota.model.users import ADMINISTRATOR
from rota.plan.plan import Reason, Refusal
from rota.plan.snapshot import Actual, ActualDefinition, Pair


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What an update may do beyond the ordinary.

    `empty`: a configuration without jobs may delete every job of the applied one. `delete_scheduled_jobs`: hand-made
    scheduled jobs go together with their definition. `max_deletes`: how many definitions may go; None: any number.
    """

    empty: bool = False
    delete_scheduled_jobs: bool = False
    max_deletes: int | None = None


def refusals(
    desired: Configuration, actual: Actual, pairs: list[Pair], gone: list[ActualDefinition], allowed: Allowed
) -> Iterator[Refusal]:
    """Every reason against an update that leaves the `pairs` and deletes what is `gone`."""
    yield from unknown_users(desired, actual.users)
    yield from _executors_overridden(desired, actual, pairs)
    yield from _names_taken(desired, [old for _, old in pairs if old is not None])
    if not desired.definitions and actual.definitions and not allowed.empty:
        yield Refusal(
            Reason.EMPTY,
            f"the configuration has no jobs and would delete all {len(actual.definitions)} of revision "
            f"{actual.revision}; --allow-empty if that is meant",
        )
    if allowed.max_deletes is not None and len(gone) > allowed.max_deletes:
        names = ", ".join(old.name for old in gone[:5]) + (", ..." if len(gone) > 5 else "")
        text = (
            f"it would delete {counted(len(gone), 'definition')} ({names}); --max-deletes allows {allowed.max_deletes}"
        )
        yield Refusal(Reason.TOO_MANY_DELETES, text)
    for old in gone:
        if old.hand_made_jobs and not allowed.delete_scheduled_jobs:
            names = ", ".join(job.name for job in old.hand_made_jobs)
            yield Refusal(
                Reason.IN_USE,
                f"definition {old.name} is gone but scheduled jobs made by hand use it: {names}; "
                "delete them, or --delete-scheduled-jobs",
            )


def unknown_users(desired: Configuration, users: AbstractSet[str]) -> Iterator[Refusal]:
    """Jobs that would run as somebody who is none of the `users`."""
    hints = {name: _nearest(name, users) for name in desired.users - users - {ADMINISTRATOR}}
    for definition in desired.definitions:
        if definition.user in hints:
            text = f"jobs.{definition.name}.user: there is no user {definition.user!r}{hints[definition.user]}"
            yield Refusal(Reason.UNKNOWN_USER, text)


def _nearest(name: str, users: AbstractSet[str]) -> str:
    close = get_close_matches(name, sorted(users), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _executors_overridden(desired: Configuration, actual: Actual, pairs: Iterable[Pair]) -> Iterator[Refusal]:
    """Scheduled jobs that somebody moved to an executor which goes, or cannot run what they become.

    None of their runs would ever begin, or end well.
    """
    kinds = {name: name for name in BUILT_IN_EXECUTORS} | {spec.name: spec.kind for spec in desired.executors}
    lost = set(actual.header.get("executors", ())) - kinds.keys()
    staying = ((new, job) for new, old in pairs if old is not None for job in old.scheduled_jobs)
    for new, job in staying:
        override = job.overrides.get("executor")
        if override is None or (job.predefined and not new.predefined):
            continue
        executor = str(override.value)
        if executor in lost:
            what = f"executor {executor} is gone"
        elif (kinds.get(executor) == _RUNS_COMMANDS) is not (new.command is not None):
            what = f"executor {executor} cannot run a {'method' if new.command is None else 'command'}"
        else:
            continue
        yield Refusal(
            Reason.EXECUTOR_OVERRIDDEN,
            f"{what} but an override of {override.by} sends scheduled job {job.name} to it; "
            f"`rota scheduled reset {job.name} executor` lifts it",
        )


_RUNS_COMMANDS = "command"
"""The kind of executor that runs commands; all others run methods."""


def _names_taken(desired: Configuration, staying: Iterable[ActualDefinition]) -> Iterator[Refusal]:
    hand_made = {job.name for old in staying for job in old.hand_made_jobs}
    for definition in desired.definitions:
        if definition.predefined and definition.name in hand_made:
            text = f"jobs.{definition.name}: a scheduled job made by hand bears this name; rename or delete it"
            yield Refusal(Reason.NAME_TAKEN, text)
