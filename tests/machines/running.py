"""How machines run: for a few seconds as a part of the tests, or as long as `--examples` says."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


@dataclass(frozen=True)
class Run:
    """`examples`: how many, drawn anew each time; None: the same few on each run."""

    examples: int | None

    def __call__(self, machine: type[RuleBasedStateMachine], *, few: int, steps: int) -> None:
        chosen = settings(
            max_examples=self.examples or few,
            stateful_step_count=steps,
            derandomize=self.examples is None,
            deadline=None,
            database=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink],  # to explain as well takes minutes
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(machine, settings=chosen)
