"""The benchmark of the next start in small: what is timed gives the plain answers, on every line and in both zones."""

from __future__ import annotations

from datetime import UTC

import pytest

from rota import Schedule
from tests.benchmarks.failure import BenchmarkError
from tests.benchmarks.next_start import LINES, ZONES, instants, measure, plain_answer, zone_of
from tests.benchmarks.rota_side.next_start import SCHEDULES, question


@pytest.mark.parametrize("dst", range(len(ZONES)))
@pytest.mark.parametrize("name", LINES)
def test_rota_gives_the_plain_answers(name: str, dst: int) -> None:
    ask = question(Schedule.parse(SCHEDULES[name], timezone=ZONES[dst]))
    for instant in instants(zone_of(dst), 20):
        assert ask(instant) == plain_answer(LINES[name], zone_of(dst), instant)


def test_a_wrong_answer_ends_the_measurement() -> None:
    with pytest.raises(BenchmarkError, match="wrong outcome: nightly after"):
        measure({"nightly": (lambda instant: instant, lambda instant: instant)}, UTC, 1)


def test_a_right_one_is_timed() -> None:
    ask = question(Schedule.parse(SCHEDULES["nightly"]))
    figures = measure({"nightly": (ask, lambda instant: instant)}, UTC, 3)
    assert figures["nightly"] > 0
