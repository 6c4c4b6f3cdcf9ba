"""A simple picture of what updates and operators make of scheduled jobs: the oracle of the machine of updates.

It shares no code with plans, the reconciler or the store; it takes from the product what a declaration resolves to and
what a schedule computes.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from rota.model.definition import Configuration
from rota.plan import Allowed
from rota.schedule import Schedule

Properties = Mapping[str, Any]

BUILT_IN = {"process", "thread", "async", "command"}
INSTANT = timedelta(microseconds=1)


def can_run(kinds: Mapping[str, str], executor: str, properties: Properties) -> bool:
    """Whether there is such an executor, and it runs what these properties name."""
    return executor in kinds and (kinds[executor] == "command") == (properties["command"] is not None)


@dataclass(frozen=True)
class Over:
    """An override."""

    value: Any
    by: str
    at: datetime
    reason: str | None
    until: datetime | None


@dataclass(frozen=True)
class Timed:
    """What a scheduled job is at an instant: overrides that ended are gone."""

    overrides: Mapping[str, Over]
    since: datetime


@dataclass
class Job:
    """A scheduled job. `since`: when its effective schedule or use last changed."""

    name: str
    predefined: bool
    since: datetime
    created: datetime
    overrides: dict[str, Over] = field(default_factory=dict)
    id: str | None = None


@dataclass
class Definition:
    """`token` is what it is, whatever it is called."""

    token: int
    properties: Properties
    jobs: list[Job] = field(default_factory=list)

    @property
    def predefined_job(self) -> Job | None:
        return next((job for job in self.jobs if job.predefined), None)

    @property
    def hand_made(self) -> list[Job]:
        return [job for job in self.jobs if not job.predefined]

    def effective(self, overrides: Mapping[str, Over], name: str) -> Any:
        return overrides[name].value if name in overrides else self.properties[name]

    def _timing(self, overrides: Mapping[str, Over]) -> tuple[Any, Any]:
        return self.effective(overrides, "schedule"), self.effective(overrides, "use")

    def at(self, job: Job, now: datetime) -> Timed:
        """The job by `now`."""
        overrides, since = dict(job.overrides), job.since
        for end in sorted({each.until for each in overrides.values() if each.until and each.until <= now}):
            left = {name: each for name, each in overrides.items() if each.until is None or each.until > end}
            if self._timing(left) != self._timing(overrides):
                since = end
            overrides = left
        return Timed(overrides, since)

    def settle(self, job: Job, now: datetime) -> None:
        timed = self.at(job, now)
        job.overrides, job.since = dict(timed.overrides), timed.since

    def override(self, job: Job, overrides: dict[str, Over], now: datetime) -> None:
        """Give a job, which is settled, these overrides."""
        if self._timing(overrides) != self._timing(job.overrides):
            job.since = now
        job.overrides = overrides

    def next_start(self, timed: Timed) -> datetime | None:
        data, use = self._timing(timed.overrides)
        if not use or not data:
            return None
        found = Schedule.parse(data).next_occurrences(timed.since - INSTANT, 1, active_since=timed.since)
        return found[0].start if found else None


@dataclass
class Past:
    """A revision: its document, and what each name stood for."""

    document: Mapping[str, Any]
    tokens: Mapping[str, int]


@dataclass
class Match:
    """What an update would do: definitions by the new name with what they were called, and those that go."""

    kept: dict[str, str]
    new: list[str]
    gone: list[str]


class Home:
    """One configuration in the database."""

    def __init__(self) -> None:
        self.header: Mapping[str, Any] = {}
        self.definitions: dict[str, Definition] = {}
        self.past: list[Past] = []
        self._tokens = itertools.count(1)

    @property
    def jobs(self) -> list[tuple[str, Definition, Job]]:
        return [(name, each, job) for name, each in self.definitions.items() for job in each.jobs]

    def match(self, desired: Configuration, restores: int | None = None) -> Match:
        """Who becomes whom: going back to a revision, by what it is; else by its name or its former name."""
        kept: dict[str, str] = {}
        if restores is not None:
            called = {each.token: name for name, each in self.definitions.items()}
            tokens = self.past[restores - 1].tokens
            kept = {name: called[token] for name, token in tokens.items() if token in called}
        for each in desired.definitions:
            if each.name not in kept and each.name in self.definitions and each.name not in kept.values():
                kept[each.name] = each.name
        for each in desired.definitions:
            former = each.renamed_from
            if (
                each.name not in kept
                and former in self.definitions
                and former not in {*desired.by_name, *kept.values()}
            ):
                kept[each.name] = str(former)
        return Match(
            kept,
            [each.name for each in desired.definitions if each.name not in kept],
            [name for name in self.definitions if name not in kept.values()],
        )

    def reasons(
        self, desired: Configuration, match: Match, allowed: Allowed, users: Iterable[str], now: datetime
    ) -> set[str]:
        """Why an update must be refused."""
        found = set()
        if any(each.user not in users for each in desired.definitions):
            found.add("unknown user")
        if not desired.definitions and self.definitions and not allowed.empty:
            found.add("empty configuration")
        if allowed.max_deletes is not None and len(match.gone) > allowed.max_deletes:
            found.add("too many deletes")
        if not allowed.delete_scheduled_jobs and any(self.definitions[name].hand_made for name in match.gone):
            found.add("definition in use")
        staying = [self.definitions[name] for name in match.kept.values()]
        names = {job.name for each in staying for job in each.hand_made}
        if any(each.predefined and each.name in names for each in desired.definitions):
            found.add("name taken")
        kinds = {name: name for name in BUILT_IN} | {each.name: each.kind for each in desired.executors}
        for name, former in match.kept.items():
            new, old = desired.by_name[name], self.definitions[former]
            for job in old.jobs:
                override = old.at(job, now).overrides.get("executor")
                goes = job.predefined and not new.predefined
                if override and not goes and not can_run(kinds, override.value, new.properties):
                    found.add("executor overridden")
        return found

    def actions(self, desired: Configuration, match: Match) -> set[tuple[str, str, str]]:
        """What a plan must say, of definitions and scheduled jobs."""
        found = {("create", "definition", name) for name in match.new}
        found |= {("delete", "definition", name) for name in match.gone}
        found |= {("delete", "scheduled job", job.name) for name in match.gone for job in self.definitions[name].jobs}
        for name, former in match.kept.items():
            if name != former:
                found.add(("rename", "definition", name))
            elif desired.by_name[name].properties != self.definitions[former].properties:
                found.add(("update", "definition", name))
        for each in desired.definitions:
            before = self.definitions[match.kept[each.name]].predefined_job if each.name in match.kept else None
            if each.predefined and before is None:
                found.add(("create", "scheduled job", each.name))
            if not each.predefined and before is not None:
                found.add(("delete", "scheduled job", before.name))
        if self.header != desired.properties or not self.past:
            found.add(("create" if not self.past else "update", "configuration", desired.name))
        return found

    def update(self, desired: Configuration, match: Match, now: datetime) -> None:
        """Do it. Nothing but this and `record` changes definitions."""
        before, self.definitions = self.definitions, {}
        for new in desired.definitions:
            name = new.name
            each = before[match.kept[name]] if name in match.kept else Definition(next(self._tokens), {})
            self._retime(each, new.properties, now)
            each.properties = new.properties
            job = each.predefined_job
            if job is not None:
                job.name = name
            if new.predefined and job is None:
                each.jobs.append(Job(name, predefined=True, since=now, created=now))
            if not new.predefined and job is not None:
                each.jobs.remove(job)
            self.definitions[name] = each
        self.header = desired.properties
        self.past.append(Past(desired.document, {name: each.token for name, each in self.definitions.items()}))

    @staticmethod
    def _retime(each: Definition, new: Properties, now: datetime) -> None:
        for job in each.jobs:
            changed = [
                name for name in ("schedule", "use") if name not in job.overrides and each.properties[name] != new[name]
            ]
            if changed:
                job.since = now

    def settle(self, now: datetime) -> None:
        for _, each, job in self.jobs:
            each.settle(job, now)
