"""Run days: the table of month shapes, the jumps over periods, and the bound of every search."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Schedule
from rota.schedule.calendars import Calendar
from rota.schedule.days import _year
from tests.schedule import oracle
from tests.schedule.drawn import steady

rules = st.fixed_dictionaries(
    {"days_repeat_period": st.sampled_from((1, 2, 3, 7, 14, 30, 91, 365, 1461))},
    optional={
        "weeks_period": st.sampled_from((2, 3, 5, 52)),
        "week_days": st.lists(st.integers(1, 7), min_size=1, unique=True),
        "months": st.lists(st.integers(1, 12), min_size=1, unique=True),
        "day_in_month": st.integers(-31, 31),
        "week_day_in_month": st.integers(-5, 5),
    },
)
dates = st.dates(date(1890, 1, 1), date(2190, 1, 1))


def calendar(data: dict[str, Any]) -> Calendar:
    [member] = Schedule.parse(data).members
    assert isinstance(member, Calendar)
    return member


@steady
@given(rules, dates, dates)
def test_the_first_run_day_is_the_first_for_which_all_rules_hold(
    data: dict[str, Any], start: date, anchor: date
) -> None:
    found = calendar(data).days.first(start.toordinal(), anchor.toordinal())
    expected = (start + timedelta(days=day) for day in range(1500))
    plain = next((day for day in expected if oracle.is_run_day(data, day, anchor)), None)
    if plain is None:
        assert found is None or found >= start.toordinal() + 1500
        assert found is None or oracle.is_run_day(data, date.fromordinal(found), anchor)
    else:
        assert found == plain.toordinal()


@steady
@given(rules)
def test_without_an_anchor_a_day_comes_within_a_cycle_or_never(data: dict[str, Any]) -> None:
    """Of the months of 400 years none has a run day if the search says that there is none."""
    data = {**data, "days_repeat_period": 1, "weeks_period": 1}
    day = date(2000, 1, 1)
    found = calendar(data).days.first(day.toordinal(), None)
    if found is None:
        years = (date(year, 1, 1) + timedelta(days=day) for year in range(2000, 2028) for day in range(365))
        assert not any(oracle.is_run_day(data, each, day) for each in years)
    else:
        assert found < day.toordinal() + 146_097


def test_a_day_that_only_comes_every_28_years_is_found_over_a_century() -> None:
    data = {"days_repeat_period": 1, "day_in_month": 29, "months": [2], "week_days": [1]}
    days = calendar(data).days
    first = days.first(date(2072, 3, 1).toordinal(), None)
    assert first == date(2112, 2, 29).toordinal()  # 2100 is no leap year: forty years


def test_large_periods_are_jumped_over() -> None:
    days = calendar({"days_repeat_period": 1_000_000}).days
    anchor = date(2026, 6, 1).toordinal()
    assert days.first(anchor, anchor) == anchor
    assert days.first(anchor + 1, anchor) == anchor + 1_000_000
    assert days.first(anchor + 2_000_000, anchor) == anchor + 2_000_000
    assert days.first(anchor + 2_000_001, anchor) is None  # beyond the year 9999


def test_nothing_lies_outside_the_calendar() -> None:
    days = calendar({"days_repeat_period": 1}).days
    assert days.first(-5, None) == date(1, 1, 2).toordinal()
    assert days.first(date(9999, 12, 28).toordinal(), None) == date(9999, 12, 28).toordinal()
    assert days.first(date(9999, 12, 29).toordinal(), None) is None


def years_looked_at(data: dict[str, Any], start: date, anchor: date) -> int:
    """How many years a search goes through: that is what it costs."""
    days = calendar(data).days
    before = _year.cache_info()
    days.first(start.toordinal(), anchor.toordinal())
    after = _year.cache_info()
    return after.hits + after.misses - before.hits - before.misses


@pytest.mark.parametrize(
    ("data", "most"),
    [
        ({}, 0),
        ({"week_days": [1, 2, 3, 4, 5]}, 2),
        ({"day_in_month": -1}, 2),
        ({"day_in_month": 29, "months": [2], "week_days": [1]}, 41),  # once in 28 years, or 40 over a century
        ({"day_in_month": 30, "months": [2]}, 0),  # never
        ({"day_in_month": 20, "week_day_in_month": 2}, 0),
        ({"days_repeat_period": 7, "week_days": [1]}, 0),  # the anchor is no Monday
        ({"days_repeat_period": 2, "weeks_period": 2, "week_days": [2, 4, 6]}, 0),  # odd days away, in even weeks
        ({"days_repeat_period": 9, "day_in_month": 29, "months": [2], "week_days": [1]}, 500),
        ({"days_repeat_period": 1_000, "day_in_month": 1, "months": [1]}, 10_000),
    ],
)
def test_every_search_is_bounded(data: dict[str, Any], most: int) -> None:
    """Each year costs a fraction of a microsecond: the worst takes some milliseconds."""
    anchor = date(2026, 6, 3)  # a Wednesday
    data = {"days_repeat_period": 1, **data}
    years_looked_at(data, anchor, anchor)  # the tables of the rule are made, which looks at years too
    for start in (anchor + timedelta(days=number) for number in range(1, 20_000, 997)):
        assert years_looked_at(data, start, anchor) <= most


@steady
@given(rules, dates, dates)
def test_what_periods_make_impossible_never_comes(data: dict[str, Any], start: date, anchor: date) -> None:
    """Where a search is refused from the weekdays alone, no day of the next years is a run day."""
    if calendar(data).days.first(start.toordinal(), anchor.toordinal()) is None:
        assert not any(oracle.is_run_day(data, start + timedelta(days=day), anchor) for day in range(3000))
