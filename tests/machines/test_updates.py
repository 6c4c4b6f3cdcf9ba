"""Updates, overrides, ways back: whatever is done in whatever order, the database is what a simple model says."""

from __future__ import annotations

from rota.store import Store
from tests.machines.running import Run
from tests.machines.updates_operating import Operating
from tests.machines.updates_updating import Updating


def test_the_database_is_what_the_model_says(hasty: Store, other: Store, run: Run) -> None:
    class Updates(Updating, Operating):
        pass

    Updates.store, Updates.other = hasty, other
    run(Updates, few=15, steps=30)
