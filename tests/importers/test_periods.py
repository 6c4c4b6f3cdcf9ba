"""Foreign intervals as calendars."""

from __future__ import annotations

from rota.importers.periods import period


def test_an_interval_within_a_day_or_of_whole_days() -> None:
    told: list[str] = []
    assert period(3600, told.append) == {"days_repeat_period": 1, "repeat_period_in_day": 3600}
    assert period(172_800.0, told.append) == {"days_repeat_period": 2}
    assert told == []


def test_one_that_begins_anew_each_day_is_told() -> None:
    told: list[str] = []
    assert period(7, told.append) == {"days_repeat_period": 1, "repeat_period_in_day": 7}
    assert told == ["every 7 s: the count begins anew at midnight"]
