"""Moments and spans as people type them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rota.cli.moments import read_moment, read_seconds
from rota.model.errors import UsageError

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None),
        ("2026-12-31T18:00Z", datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31T18:00+02:00", datetime(2026, 12, 31, 16, tzinfo=UTC)),
        ("2026-12-31", datetime(2026, 12, 31).astimezone()),
        ("2h", NOW + timedelta(hours=2)),
        ("1h30m", NOW + timedelta(minutes=90)),
    ],
)
def test_moments(text: str | None, expected: datetime | None) -> None:
    assert read_moment("--until", text, NOW) == expected


def test_a_span_may_go_back() -> None:
    assert read_moment("--since", "2d", NOW, back=True) == NOW - timedelta(days=2)


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "18:00 tomorrow", "-2h"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(UsageError, match=r"--until '.*' is neither a time such as 2026-12-31T18:00 nor a span"):
        read_moment("--until", text, NOW)


@pytest.mark.parametrize(("text", "expected"), [(None, None), ("90s", 90), ("1h30m", 5400), ("0.5s", 0.5)])
def test_spans(text: str | None, expected: float | None) -> None:
    assert read_seconds("--timeout", text) == expected


@pytest.mark.parametrize("text", ["", "soon", "-2h"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(UsageError, match="--timeout: "):
        read_seconds("--timeout", text)
