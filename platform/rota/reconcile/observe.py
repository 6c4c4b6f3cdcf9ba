"""The database's picture of one configuration, as a plan needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet
from datetime import datetime

from rota.model.definition import Configuration
from rota.model.lapses import lapsed
from rota.model.scheduled_job import ScheduledJob
from rota.model.users import ADMINISTRATOR
from rota.plan.snapshot import Actual, ActualDefinition
from rota.store import Transaction, background_jobs, configurations, scheduled_jobs, users
from rota.store.configurations import AppliedConfiguration


def observe(tx: Transaction, desired: Configuration, now: datetime, names: AbstractSet[str] | None = None) -> Actual:
    """What the database holds of the configuration named like `desired`; overrides that were over by `now` are gone.

    With `names`, only the definitions of these names.
    """
    header = observe_header(tx, desired)
    jobs: dict[int, list[ScheduledJob]] = defaultdict(list)
    for job in scheduled_jobs.of_configuration(tx, desired.name, names):
        jobs[job.definition_id].append(lapsed(job, now))
    definitions = {
        stored.name: ActualDefinition(
            id=stored.id,
            name=stored.name,
            properties=stored.properties,
            scheduled_jobs=tuple(jobs[stored.id]),
        )
        for stored in configurations.definitions(tx, desired.name, names)
    }
    return Actual(
        revision=header.revision if header else 0,
        digest=header.digest if header else "",
        root=header.root if header else "",
        header=header.properties if header else {},
        definitions=definitions,
        users=observe_users(tx, desired),
        waiting=_waiting_for_what_goes(tx, header, desired) if header else {},
    )


def _waiting_for_what_goes(tx: Transaction, header: AppliedConfiguration, desired: Configuration) -> dict[str, int]:
    goes = {spec.name for spec in header.executors} - {spec.name for spec in desired.executors}
    if not goes:
        return {}
    waiting = background_jobs.waiting_by_queue(tx)
    return {name: count for name in goes if (count := waiting.get(header.queue_of(name), 0))}


def observe_header(tx: Transaction, desired: Configuration) -> AppliedConfiguration | None:
    """The applied configuration named like `desired`, if there is one."""
    return next(iter(configurations.applied(tx, desired.name)), None)


def observe_users(tx: Transaction, desired: Configuration) -> frozenset[str]:
    """Those of the users that `desired` names who exist; all users where one of them does not, to say who is meant."""
    known = users.known(tx, desired.users)
    return frozenset(known if desired.users - {ADMINISTRATOR} <= known else users.all_names(tx))
