"""Jobs that are right, and the line between right and wrong. Wrong ones with their words are bad configurations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.model.problem import Problem

Check = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    "job",
    [
        "method: shop_jobs:load",
        "method: shop_jobs.rates.daily:load",
        "method: shop_jobs:load, executor: crawl",
        "method: shop_jobs:load, executor: process",
        "method: shop_jobs:load, executor: thread",
        "command: [echo], executor: shell",
        "command: [echo], executor: command",
        "command: [echo, '']",
        "method: shop_jobs:load, parameters: {}",
        "method: shop_jobs:load, parameters: []",
        "method: shop_jobs:load, timeout: 1",
        "method: shop_jobs:load, retry: {}",
        "method: shop_jobs:load, retry: {count: 3, interval: 1m, max_interval: 60}",
        "method: shop_jobs:load, retry: {count: 0, interval: 1m}",
        "method: shop_jobs:load, user: Anna of accounting",
    ],
)
def test_right_jobs(check: Check, job: str) -> None:
    assert check(f"  a: {{use: false, {job}}}\n") == []


@pytest.mark.parametrize(
    ("body", "warned"),
    [
        ("", True),
        (", predefined: true, use: true", True),
        (", use: false", False),
        (", predefined: false", False),
        (", schedule: {days_repeat_period: 1}", False),
    ],
)
def test_a_job_that_never_starts(check: Check, body: str, warned: bool) -> None:
    problems = check(f"  a: {{command: [echo]{body}}}\n")
    assert [problem.code for problem in problems] == ["semantics.never-starts"] * warned


def test_an_executor_of_unknown_kind_brings_no_second_problem(check: Check) -> None:
    header = "rota: 1\nconfiguration: {name: a, executors: {moon: {kind: rocket}}}\n"
    problems = check("  a: {command: [echo], executor: moon, use: false}\n", header)
    assert [problem.path for problem in problems] == ["configuration.executors.moon.kind"]
