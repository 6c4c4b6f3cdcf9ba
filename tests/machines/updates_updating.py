"""The rules of updates: files applied, plans kept and applied, ways back, and exports applied again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from rota.app.drift import drift
from rota.app.export import export
from rota.app.rollback import plan_rollback, rollback
from rota.app.validation import require_valid, validate
from rota.model.definition import Configuration
from rota.model.errors import StalePlan, UpdateRefused
from rota.model.users import ADMINISTRATOR
from rota.plan import Allowed, Plan
from rota.plan.saved import SavedPlan
from rota.reconcile.reconciler import Applied, apply, make_plan
from rota.store import revisions, scheduled_jobs
from tests.machines.updates_editing import Editing
from tests.machines.updates_ground import HOMES
from tests.machines.updates_model import Home, Match

ALLOWED = st.builds(
    Allowed, empty=st.booleans(), delete_scheduled_jobs=st.booleans(), max_deletes=st.sampled_from([None, None, 0, 1])
)


class Updating(Editing):
    @rule(home=HOMES, knows=st.booleans(), allowed=ALLOWED)
    def apply_files(self, home: str, knows: bool, allowed: Allowed) -> None:
        desired = self.read(home)
        known = self.in_force.get(home) if knows else None
        planned = self._plan(desired, allowed)
        assert make_plan(self.store, desired, allowed, now=self.clock.now(), known=known) == planned
        applied = self._update(
            desired,
            allowed,
            lambda: apply(self.store, desired, allowed, by=ADMINISTRATOR, now=self.clock.now, known=known),
            planned=planned,
        )
        if applied is not None and (not applied.plan.is_empty or applied.plan.digest == applied.plan.from_digest):
            self.in_force[home] = desired

    @rule(home=HOMES)
    def save_a_plan(self, home: str) -> None:
        desired = self.read(home)
        plan = self._plan(desired, Allowed())
        if not plan.refusals:
            self.saved[home] = (desired, SavedPlan.of(plan, "shop.yaml"), plan)

    @precondition(lambda self: self.saved)
    @rule(data=st.data())
    def apply_a_saved_plan(self, data: st.DataObject) -> None:
        desired, saved, then = self.saved[data.draw(st.sampled_from(sorted(self.saved)))]

        def act() -> Applied:
            return apply(self.store, desired, Allowed(), by=ADMINISTRATOR, now=self.clock.now, saved=saved)

        planned = self._plan(desired, Allowed())
        if planned.from_revision == then.from_revision and _told(planned) == _told(then):
            self._update(desired, Allowed(), act, planned=planned)
        else:
            with self.refused(StalePlan):
                act()

    @rule(data=st.data(), home=HOMES, allowed=ALLOWED)
    def roll_back(self, data: st.DataObject, home: str, allowed: Allowed) -> None:
        past = self.homes[home].past
        if not past:
            return
        number = data.draw(st.integers(1, len(past)))
        desired = self.document(home, number)
        self._update(
            desired,
            allowed,
            lambda: rollback(self.context, number, allowed, configuration=home, code=False),
            planned=plan_rollback(self.context, number, allowed, configuration=home, code=False),
            restores=number,
        )
        with self.store.read() as tx:
            assert revisions.document(tx, home, len(past)) == past[-1].document

    @rule(home=HOMES, effective=st.booleans())
    def apply_an_export(self, home: str, effective: bool) -> None:
        if not self.homes[home].past:
            return
        text = export(self.context, home, effective=effective)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rota.yaml"
            file.write_text(text, encoding="utf-8")
            [desired] = require_valid(validate([file], code=False))
        allowed = Allowed(empty=True)
        planned = self._plan(desired, allowed)
        assert effective or not planned.operations
        applied = self._update(
            desired,
            allowed,
            lambda: apply(self.store, desired, allowed, by=ADMINISTRATOR, now=self.clock.now),
            planned=planned,
        )
        if effective and applied is not None:
            overrides = [each for each in drift(self.context, home) if each.predefined]
            assert [each.value for each in overrides] == [each.configured for each in overrides]

    def _plan(self, desired: Configuration, allowed: Allowed) -> Plan:
        return make_plan(self.store, desired, allowed, now=self.clock.now())

    def _update(
        self,
        desired: Configuration,
        allowed: Allowed,
        act: Callable[[], Applied],
        *,
        planned: Plan,
        restores: int | None = None,
    ) -> Applied | None:
        """Do it here and beside, and to the model; or see it refused for the reasons that there are."""
        home, now = self.homes[desired.name], self.clock.now()
        match = home.match(desired, restores)
        reasons = home.reasons(desired, match, allowed, self.users, now)
        assert {str(each.reason) for each in planned.refusals} == reasons
        if reasons:
            with self.refused(UpdateRefused):
                act()
            return None
        actions = home.actions(desired, match)
        assert {(each.action, each.kind, each.name) for each in planned.changes} == actions
        self._check_changes(desired, home, match, planned)
        applied = act()
        assert applied.plan.to_data() == planned.to_data()
        other = self._act_beside(desired, allowed, restores)
        assert other.revision == applied.revision
        home.settle(now)
        assert bool(planned.operations) == bool(actions)
        if actions:
            home.update(desired, match, now)
        assert applied.revision == len(home.past)
        self._note_ids(desired.name)
        return applied

    def _act_beside(self, desired: Configuration, allowed: Allowed, restores: int | None) -> Applied:
        if restores is not None:
            return rollback(self.beside, restores, allowed, configuration=desired.name, code=False)
        return apply(self.other, desired, allowed, by=ADMINISTRATOR, now=self.clock.now)

    @staticmethod
    def _check_changes(desired: Configuration, home: Home, match: Match, planned: Plan) -> None:
        """Each property with its old and new value."""
        for change in planned.changes:
            if change.kind != "definition" or change.action not in {"update", "rename"}:
                continue
            former = match.kept[change.name]
            assert change.renamed_from == (former if former != change.name else None)
            old, new = home.definitions[former].properties, desired.by_name[change.name].properties
            assert change.properties == {name: (old[name], new[name]) for name in new if old[name] != new[name]}
        touched = [each for each in planned.changes if each.kind == "definition" and each.action != "delete"]
        assert planned.summary["unchanged"] == len(desired.definitions) - len(touched)

    def _note_ids(self, home: str) -> None:
        with self.store.read() as tx:
            ids = {each.name: each.id for each in scheduled_jobs.of_configuration(tx, home)}
        for _, _, job in self.homes[home].jobs:
            job.id = job.id or ids.get(job.name)


def _told(plan: Plan) -> Any:
    """What a saved plan is held to."""
    return [(each.action, each.kind, each.name) if each.action == "create" else each.to_data() for each in plan.changes]
