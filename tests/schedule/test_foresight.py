"""How seldom a schedule matches, and which start a clock change moves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rota.schedule import Schedule
from rota.schedule.foresight import Moved, moved, seldom

E = {"days_repeat_period": 1}


def only(data: Any) -> Any:
    [member] = Schedule.parse(data, timezone="Europe/Berlin").members
    return member


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (E, None),
        ("@yearly", None),
        (E | {"day_in_month": 29, "months": [2]}, (7, 28)),
        (E | {"day_in_month": 29, "months": [2], "week_days": [1]}, (1, 28)),
        ("0 0 29 2 *", (7, 28)),
        (E | {"weeks_period": 60, "week_days": [1]}, (25, 28)),
        ({"begin_date": "2026-01-01"}, None),
        (E | {"day_in_month": 1, "months": [1], "begin_date": "2026-02-01", "end_date": "2028-02-01"}, None),
        (E | {"day_in_month": 29, "months": [2], "begin_date": "2025-01-01", "end_date": "2027-12-31"}, (0, 2)),
    ],
)
def test_how_seldom_it_matches(data: Any, found: Any) -> None:
    assert seldom(only(data)) == found


def test_the_next_start_that_clocks_jump_over() -> None:
    expected = Moved(date(2026, 3, 29), 9_000, 10_800, whole_day=True)
    assert moved(only(E), [9_000], date(2026, 1, 1)) == expected
    assert moved(only(E), [9_000], date(2026, 3, 29)) == expected
    later = moved(only(E), [7_200, 36_000], date(2026, 3, 30))
    assert later == Moved(date(2027, 3, 28), 7_200, 10_800, whole_day=False)


def test_a_start_that_keeps_its_time_is_not_moved() -> None:
    assert moved(only(E), [36_000], date(2026, 1, 1)) is None
    assert moved(only(E | {"week_days": [1]}), [9_000], date(2026, 1, 1)) is None
    assert moved(only(E | {"end_date": "2026-03-01"}), [9_000], date(2026, 1, 1)) is None
    assert moved(only(E | {"timezone": "UTC"}), [9_000], date(2026, 1, 1)) is None


def test_the_calendar_ends_before_its_last_year_is_over() -> None:
    assert moved(only(E), [9_000], date(9999, 12, 31)) is None
    assert seldom(only(E | {"begin_date": "9999-12-30"})) is None
