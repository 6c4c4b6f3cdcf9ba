"""The reports of one attempt."""

from __future__ import annotations

import logging
import threading

import pytest

from rota.executors.reporter import Reporter
from rota.model.attempt import Attempt
from rota.model.outcome import End, Outcome
from tests.support.recorder import Recorder, now

ATTEMPT = Attempt(job="job", number=1, name="job")


def test_the_end_is_reported_once_whoever_comes_first() -> None:
    recorder = Recorder()
    reporter = Reporter(ATTEMPT, recorder, now)
    first: list[bool] = []
    together = threading.Barrier(8)

    def end() -> None:
        together.wait()
        first.append(reporter.ended(Outcome(end=End.RETURNED)))

    threads = [threading.Thread(target=end) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(first) == [False] * 7 + [True]
    assert recorder.faults == []


class Refusing(Recorder):
    def began(self, *_: object) -> None:
        raise OSError("no room")


def test_a_listener_that_fails_is_logged_and_not_felt(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        Reporter(ATTEMPT, Refusing(), now).began(1)
    assert caplog.messages == ["a report of attempt job#1 was not taken"]
