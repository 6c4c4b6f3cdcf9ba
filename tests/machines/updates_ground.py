"""What the machine of updates stands on: two databases, files, the model beside them, and what always holds.

Each act goes to both databases: to one of them an update may come the short way of a reloader, which knows what it
applied last, and to the other one the long way. The other one is an SQLite database whatever the first is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant
from msgspec.structs import asdict

from rota.app import scheduled, users
from rota.app.context import Context
from rota.app.drift import drift
from rota.app.history import history, read_revision
from rota.model.definition import Configuration
from rota.model.errors import RotaError
from rota.model.scheduled_job import ScheduledJob
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed, Plan, compare
from rota.plan.saved import SavedPlan
from rota.reconcile.observe import observe
from rota.store import Store, configurations
from rota.testing import SettableClock
from tests.machines.drawn_updates import NAMES, bodies, headers
from tests.machines.pictures import in_names, whole
from tests.machines.updates_model import Definition, Home, Job
from tests.support.stored import empty

HOMES = st.sampled_from(["shop", "shop", "bank"])


class Ground(RuleBasedStateMachine):
    """`store` and `other` are two databases with Rota's tables; they are emptied first."""

    store: Store
    other: Store

    def __init__(self) -> None:
        super().__init__()
        empty(self.store)
        empty(self.other)
        self.clock = SettableClock()
        self.context = Context(self.store, self.clock, ADMINISTRATOR)
        self.beside = Context(self.other, self.clock, ADMINISTRATOR)
        self.users = {ADMINISTRATOR, "ann"}
        self.homes = {"shop": Home(), "bank": Home()}
        self.files: dict[str, dict[str, Any]] = {}
        self.in_force: dict[str, Configuration] = {}
        self.saved: dict[str, tuple[Configuration, SavedPlan, Plan]] = {}

    @initialize(shop=st.dictionaries(st.sampled_from(NAMES), bodies(), min_size=2), header=headers())
    def begin(self, shop: dict[str, Any], header: dict[str, Any]) -> None:
        for each in (self.context, self.beside):
            users.add(each, "ann")
        self.files = {"shop": {"header": header, "jobs": shop}, "bank": {"header": {}, "jobs": {}}}

    # What always holds

    def document(self, home: str, number: int) -> Configuration:
        """What a revision applied."""
        with self.store.read() as tx:
            return read_revision(tx, home, number)

    @contextmanager
    def refused(self, kind: type[RotaError]) -> Iterator[None]:
        before = whole(self.store)
        try:
            yield
        except kind:
            assert whole(self.store) == before
        else:
            raise AssertionError(f"no {kind.__name__}")

    @invariant()
    def all_is_well(self) -> None:
        self.the_database_is_the_model()
        self.drift_is_the_overrides()
        self.history_has_no_gaps()
        self.nothing_is_left_to_do()
        self.both_databases_are_the_same()

    def the_database_is_the_model(self) -> None:
        now = self.clock.now()
        for name, home in self.homes.items():
            with self.store.read() as tx:
                stored = {each.name: each.properties for each in configurations.definitions(tx, name)}
            assert stored == {each: definition.properties for each, definition in home.definitions.items()}
            found = {job.name: _seen(job) for job in scheduled.select(self.context) if job.configuration == name}
            assert found == {job.name: _expected(each, definition, job, now) for each, definition, job in home.jobs}

    def drift_is_the_overrides(self) -> None:
        now = self.clock.now()
        told = [
            (each.configuration, each.scheduled_job, each.property, each.value, each.configured, each.until)
            for each in drift(self.context)
        ]
        assert told == sorted(
            (
                (home, job.name, name, over.value, each.properties[name], over.until)
                for home, made in self.homes.items()
                for _, each, job in made.jobs
                for name, over in each.at(job, now).overrides.items()
            ),
            key=lambda each: each[:3],
        )

    def history_has_no_gaps(self) -> None:
        for name, home in self.homes.items():
            if home.past:
                numbers = sorted(each.number for each in history(self.context, name, newest=1_000))
                assert numbers == list(range(1, len(home.past) + 1))

    def nothing_is_left_to_do(self) -> None:
        """Where what is applied is looked at as a whole."""
        for name, home in self.homes.items():
            if home.past:
                desired = self.document(name, len(home.past))
                with self.store.read() as tx:
                    plan = compare(desired, observe(tx, desired, self.clock.now()), Allowed(empty=True))
                assert not plan.operations

    def both_databases_are_the_same(self) -> None:
        assert in_names(self.store) == in_names(self.other)


def _seen(job: ScheduledJob) -> dict[str, Any]:
    return {
        "id": job.id,
        "definition": job.definition,
        "predefined": job.predefined,
        "overrides": {name: asdict(each) for name, each in job.overrides.items()},
        "use": job.use,
        "since": job.active_since,
        "next_start": job.next_start,
        "look_at": job.look_at,
        "created": job.created_at,
    }


def _expected(name: str, definition: Definition, job: Job, now: Any) -> dict[str, Any]:
    timed = definition.at(job, now)
    start = definition.next_start(timed)
    return {
        "id": job.id,
        "definition": name,
        "predefined": job.predefined,
        "overrides": {each: vars(over) for each, over in timed.overrides.items()},
        "use": definition.effective(timed.overrides, "use"),
        "since": timed.since,
        "next_start": start,
        "look_at": start,
        "created": job.created,
    }
