"""A lock: whether it is held, and whether its holder seems to be dead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rota.model.lock import Lock, LockName

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def lock(**values: Any) -> Lock:
    return Lock(**{"name": LockName.JOBS, "holder": "ann", "reason": "a new disk", "since": NOW, **values})


@pytest.mark.parametrize(("until", "held"), [(None, True), (NOW + SECOND, True), (NOW, False), (NOW - SECOND, False)])
def test_it_is_held_until_its_time_is_over(until: datetime | None, held: bool) -> None:
    assert lock(until=until).is_held(NOW) is held


@pytest.mark.parametrize(("silent", "dead"), [(0, False), (30, False), (30.001, True), (-100, False)])
def test_a_holder_seems_dead_after_two_leases_of_silence(silent: float, dead: bool) -> None:
    living = lock(owner="o", lease=15.0, seen_at=NOW - timedelta(seconds=silent))
    assert living.seems_dead(NOW) is dead


def test_who_need_not_live_never_seems_dead() -> None:
    assert not lock().seems_dead(NOW + timedelta(days=365))


def test_why_something_does_not_start_names_lock_holder_and_reason() -> None:
    assert lock().wording == "locked (jobs) by ann: a new disk"


def test_the_json_form_does_not_tell_the_owners_token() -> None:
    assert lock(owner="secret", lease=15.0, seen_at=NOW).to_data() == {
        "name": "jobs",
        "holder": "ann",
        "reason": "a new disk",
        "since": NOW,
        "until": None,
        "living": True,
    }
