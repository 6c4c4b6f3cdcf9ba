"""Durations and restart settings, at every place that has them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rota.model.problem import Problem

Check = Callable[[str], list[Problem]]


@pytest.mark.parametrize(
    ("timeout", "message"),
    [
        ("1s", None),
        ("36500d", None),
        ("0", "must be more than zero"),
        ("0h0m", "must be more than zero"),
        ("36501d", "a duration can be at most 36500d"),
        ("9999999999999", "a duration can be at most 36500d"),
    ],
)
def test_timeouts(check: Check, timeout: str, message: str | None) -> None:
    problems = check(f"  a: {{command: [echo], use: false, timeout: {timeout}}}\n")
    assert [problem.message for problem in problems] == ([message] if message else [])


@pytest.mark.parametrize(
    ("retry", "path"),
    [
        ("{count: 1, interval: 60, max_interval: 1m}", None),
        ("{count: 1, interval: 61, max_interval: 1m}", "jobs.a.retry.max_interval"),
        ("{count: 1, max_interval: 0}", None),
        ("{backoff: 2}", "jobs.a.retry"),
    ],
)
def test_retries(check: Check, retry: str, path: str | None) -> None:
    problems = check(f"  a: {{command: [echo], use: false, retry: {retry}}}\n")
    assert [problem.path for problem in problems] == ([path] if path else [])
