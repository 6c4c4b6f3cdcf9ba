"""The rules of operators: overrides, scheduled jobs made by hand, users, and the clock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from rota.app import scheduled, users
from rota.model.errors import PredefinedJobError, UsageError, WrongState
from rota.model.users import ADMINISTRATOR
from tests.machines.drawn_updates import BY_HAND, values
from tests.machines.updates_ground import HOMES, Ground
from tests.machines.updates_model import BUILT_IN, Definition, Job, Over, can_run

SPANS = st.sampled_from([60, 3_600, 7_200, 86_400])


class Operating(Ground):
    @rule(seconds=SPANS)
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(seconds=SPANS)
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.clock.step(-seconds)

    @precondition(lambda self: "bob" not in self.users)
    @rule()
    def add_bob(self) -> None:
        for each in (self.context, self.beside):
            users.add(each, "bob")
        self.users.add("bob")

    def _draw_job(self, data: st.DataObject) -> tuple[str, Definition, Job] | None:
        known = {f"{home}/{job.name}": (each, job) for home, made in self.homes.items() for _, each, job in made.jobs}
        if not known:
            return None
        selector = data.draw(st.sampled_from(sorted(known)))
        return (selector, *known[selector])

    @rule(
        data=st.data(),
        given=values(),
        until=st.sampled_from([None, None, 0, 3_600, 10_000]),
        reason=st.just("a reason"),
    )
    def override(self, data: st.DataObject, given: dict[str, Any], until: int | None, reason: str) -> None:
        found = self._draw_job(data)
        if found is None:
            return
        selector, definition, job = found
        now = self.clock.now()
        end = None if until is None else now + timedelta(seconds=until)
        if end == now or given.get("user", ADMINISTRATOR) not in self.users:
            with self.refused(UsageError):
                scheduled.override(self.context, selector, given, reason, end)
            return
        if self._is_unfit(selector, definition, definition.at(job, now).overrides, given):
            with self.refused(UsageError):
                scheduled.override(self.context, selector, given, reason, end)
            return
        after = scheduled.override(self.context, selector, given, reason, end)
        scheduled.override(self.beside, selector, given, reason, end)
        definition.settle(job, now)
        for name, value in given.items():
            if name in {"description", "use", "user", "priority", "key"}:
                assert after.overrides[name].value == value
        made = {name: Over(after.overrides[name].value, ADMINISTRATOR, now, reason, end) for name in given}
        definition.override(job, {**job.overrides, **made}, now)

    def _is_unfit(self, selector: str, definition: Definition, overrides: Any, given: dict[str, Any]) -> bool:
        """Whether the job would be sent to an executor that is not there or cannot run it."""
        header = self.homes[selector.partition("/")[0]].header
        kinds = {name: name for name in BUILT_IN} | {name: spec["kind"] for name, spec in header["executors"].items()}
        executor = given["executor"] if "executor" in given else definition.effective(overrides, "executor")
        return executor is not None and not can_run(kinds, executor, definition.properties)

    @rule(data=st.data(), everything=st.booleans(), name=st.sampled_from(["use", "schedule", "key", "executor"]))
    def reset(self, data: st.DataObject, everything: bool, name: str) -> None:
        found = self._draw_job(data)
        if found is None:
            return
        selector, definition, job = found
        now = self.clock.now()
        for each in (self.context, self.beside):
            scheduled.reset(each, selector, () if everything else (name,))
        definition.settle(job, now)
        kept = {} if everything else {each: over for each, over in job.overrides.items() if each != name}
        definition.override(job, kept, now)

    @rule(data=st.data(), home=HOMES, name=st.sampled_from(BY_HAND), given=values())
    def create_by_hand(self, data: st.DataObject, home: str, name: str, given: dict[str, Any]) -> None:
        made = self.homes[home]
        if not made.definitions:
            return
        template = data.draw(st.sampled_from(sorted(made.definitions)))
        definition, now = made.definitions[template], self.clock.now()
        if given.get("user", definition.properties["user"]) not in self.users:
            return
        if self._is_unfit(home, definition, {}, given):
            with self.refused(UsageError):
                scheduled.create(self.context, f"{home}/{template}", name, given)
            return
        if any(job.name == name for _, _, job in made.jobs):
            with self.refused(WrongState):
                scheduled.create(self.context, f"{home}/{template}", name, given)
            return
        new = scheduled.create(self.context, f"{home}/{template}", name, given)
        scheduled.create(self.beside, f"{home}/{template}", name, given)
        over = {each: Over(new.overrides[each].value, ADMINISTRATOR, now, None, None) for each in given}
        definition.jobs.append(Job(name, predefined=False, since=now, created=now, overrides=over, id=new.id))

    @rule(data=st.data())
    def delete_by_hand(self, data: st.DataObject) -> None:
        found = self._draw_job(data)
        if found is None:
            return
        selector, definition, job = found
        if job.predefined:
            with self.refused(PredefinedJobError):
                scheduled.delete(self.context, selector)
            return
        for each in (self.context, self.beside):
            scheduled.delete(each, selector)
        definition.jobs.remove(job)
