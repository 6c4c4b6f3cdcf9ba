"""Methods in the thread of the test: whatever they do ends with their attempt."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from rota.model.attempt import Attempt, TransactionSource
from rota.model.outcome import End
from rota.testing.inline import InlineExecutor
from tests.support.recorder import Recorder
from tests.support.sides import METHODS


def test_every_attempt_ends_once_and_the_streams_are_given_back() -> None:
    before = sys.stdout
    executor = InlineExecutor(lambda: datetime.now(UTC), TransactionSource("no:thing", ""))
    recorder = Recorder()
    for name in ("nothing", "fail", "no_such_method"):
        attempt = Attempt(job=name, number=1, name=name, method=f"job_methods:{name}", path=(METHODS,))
        executor.start(attempt, recorder)
    assert executor.run_waiting() == 3
    assert executor.run_waiting() == 0
    executor.close()
    executor.close()
    assert sys.stdout is before
    assert [outcome.end for outcome in recorder.outcomes.values()] == [End.RETURNED, End.RAISED, End.RAISED]
