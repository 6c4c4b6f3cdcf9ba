"""How long to wait before each restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.model.retry import RetryPolicy


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(count=3), [0, 0, 0]),
        (RetryPolicy(count=3, interval=10), [10, 10, 10]),
        (RetryPolicy(count=3, interval=10, backoff=2), [10, 20, 40]),
        (RetryPolicy(count=3, interval=10, backoff=2, max_interval=25), [10, 20, 25]),
        (RetryPolicy(count=3, interval=10, max_interval=5), [5, 5, 5]),
        (RetryPolicy(count=3, interval=0.5, backoff=3), [0.5, 1.5, 4.5]),
    ],
)
def test_each_restart_waits_longer_up_to_the_limit(policy: RetryPolicy, seconds: list[float]) -> None:
    assert [policy.delay(n).total_seconds() for n in (1, 2, 3)] == seconds


def test_with_a_backoff_the_wait_is_spread_by_up_to_a_tenth() -> None:
    policy = RetryPolicy(count=1, interval=10, backoff=2)
    assert [policy.delay(1, spread).total_seconds() for spread in (0.0, 0.5, 1.0)] == [10, 10.5, 11]
    assert RetryPolicy(count=1, interval=10).delay(1, 1.0) == timedelta(seconds=10)
    assert RetryPolicy(count=1, interval=10, backoff=2, max_interval=10).delay(1, 1.0) == timedelta(seconds=10)


@given(
    interval=st.floats(0, 1e9),
    backoff=st.floats(1, 1e300),
    restart=st.integers(1, 10**6),
    max_interval=st.none() | st.floats(0, 1e300),
    spread=st.floats(0, 1),
)
def test_no_policy_overflows(
    interval: float, backoff: float, restart: int, max_interval: float | None, spread: float
) -> None:
    policy = RetryPolicy(count=restart, interval=interval, backoff=backoff, max_interval=max_interval)
    delay = policy.delay(restart, spread)
    assert timedelta(0) <= delay <= timedelta(days=366 * 40)
    assert max_interval is None or delay.total_seconds() <= max_interval + 1e-6


def test_restarts_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        RetryPolicy(count=1).delay(0)


@pytest.mark.parametrize(
    "policy", [RetryPolicy(), RetryPolicy(count=2, interval=1.5, backoff=2, max_interval=9, on_timeout=False)]
)
def test_a_policy_comes_back_from_its_data(policy: RetryPolicy) -> None:
    assert RetryPolicy.from_data(policy.to_data()) == policy
    assert RetryPolicy.from_data(None) == RetryPolicy.from_data({}) == RetryPolicy()
