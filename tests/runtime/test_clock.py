"""The clock: aware instants in UTC, and spans that no change of the wall clock touches."""

from __future__ import annotations

from datetime import UTC

from rota.runtime.clock import SystemClock


def test_it_tells_aware_instants_in_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    first, mark = clock.now(), clock.monotonic()
    assert first.tzinfo is UTC
    assert clock.monotonic() >= mark
    assert abs((clock.now() - first).total_seconds()) < 60
