"""Whatever happens to scheduled jobs and engines: each occurrence runs once or is noted as missed, as the rules say."""

from __future__ import annotations

from rota.store import Store
from tests.machines.running import Run
from tests.machines.scheduling import Scheduling


def test_every_pass_does_what_the_rules_say(hasty: Store, run: Run) -> None:
    class Trial(Scheduling):
        store = hasty

    run(Trial, few=15, steps=30)
