"""Spans, restarts and values in words."""

from __future__ import annotations

from typing import Any

import pytest

from rota.cli import wording
from rota.model.retry import RetryPolicy


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0s"), (0.5, "0.5s"), (90, "90s"), (600, "10m"), (7_200, "2h"), (172_800, "2d")]
)
def test_span(seconds: float, words: str) -> None:
    assert wording.span(seconds) == words


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (RetryPolicy(), "none"),
        (RetryPolicy(count=1), "1 restart, at once"),
        (RetryPolicy(count=1, interval=60), "1 restart, 1m apart"),
        (RetryPolicy(count=2, interval=5, on_timeout=False), "2 restarts, 5s apart, none after a timeout"),
        (
            RetryPolicy(count=3, interval=10, backoff=2.0, max_interval=3600),
            "3 restarts, 10s apart, each pause 2 times the one before, at most 1h",
        ),
    ],
)
def test_retry(policy: RetryPolicy, words: str) -> None:
    assert wording.retry(policy.to_data()) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("key", None, "none"),
        ("key", "", '""'),
        ("key", "rätes", "rätes"),
        ("use", False, "false"),
        ("parameters", {"who": "Änne"}, '{"who": "Änne"}'),
        ("timeout", 600.0, "10m"),
        ("schedule", {"cron": "30 2 * * *"}, "At 02:30 every day (cron 30 2 * * *) (UTC)"),
    ],
)
def test_a_property(name: str, value: Any, words: str) -> None:
    assert wording.of_property(name, value) == words
