"""Schedules drawn by Hypothesis, in canonical data, and the settings under which each run draws the same ones.

A test that fails shrinks what it drew and prints the schedule as YAML.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import yaml
from hypothesis import note, seed, settings
from hypothesis import strategies as st

from rota.schedule import Schedule

SEED = 20260302
"""What every test draws from. With `--thorough` Hypothesis chooses, or `--hypothesis-seed` says."""


def steady(test: Callable[..., None]) -> Callable[..., None]:
    """The same hundred examples on each run; a thorough run draws many others."""
    if settings.get_current_profile_name() == "thorough":
        return test
    few = settings(derandomize=False, deadline=None, database=None, max_examples=100)
    decorated: Callable[..., None] = seed(SEED)(few(test))
    return decorated


def as_yaml(data: Any) -> str:
    """A schedule as people write it, for the message of a failure."""
    return yaml.safe_dump(data, sort_keys=False)


def parsed(data: Any) -> Schedule:
    """The schedule; if the test fails, it is printed."""
    note(as_yaml(data))
    return Schedule.parse(data)


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Pacific/Apia",  # left out 30 December 2011
    "America/Nuuk",  # jumps over the last hour of a Saturday
    "America/Havana",  # repeats the first hour of a day
    "Africa/Cairo",  # begins a day at 01:00
)

# Clock changes of these zones, the new year and the end of February lie within a few days of these.
DATES = (
    date(2026, 3, 6), date(2026, 3, 27), date(2026, 4, 3), date(2026, 10, 2), date(2026, 10, 23), date(2026, 10, 30),
    date(2026, 4, 23), date(2025, 12, 29), date(2028, 2, 27), date(2011, 12, 27), date(2026, 6, 15),
)  # fmt: skip

# Few enough that times meet each other and the clock changes.
TIMES = (
    "00:00",
    "00:30",
    "01:00",
    "01:59:59",
    "02:00",
    "02:15",
    "02:30",
    "03:00",
    "09:00",
    "20:00",
    "23:30",
    "23:59:59",
)
PERIODS = (0, 0, 45, 600, 1000, 1800, 3600, 5400, 7200, 86_000)


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of one daily window."""
    window: dict[str, Any] = {}
    begin = draw(st.sampled_from(TIMES))
    if begin != "00:00":
        window["begin_time"] = begin
    if (end := draw(st.sampled_from((None, None, *TIMES)))) not in (None, begin):
        window["end_time"] = end
    if (completion := draw(st.sampled_from((None, None, None, *TIMES)))) is not None:
        window["completion_time"] = completion
    if period := draw(st.sampled_from(PERIODS)):
        window["repeat_period_in_day"] = period
    if pause := draw(st.sampled_from((0, 0, 600, 4000))):
        window["repeat_pause"] = pause
    return window


@st.composite
def calendars(draw: st.DrawFn) -> dict[str, Any]:
    """A calendar with some of its keys set."""
    data: dict[str, Any] = {"timezone": draw(st.sampled_from(ZONES))}
    data |= draw(windows())
    if draw(st.sampled_from((False, False, False, True))):
        data = {"timezone": data["timezone"]}
        data["detailed_daily_schedules"] = draw(st.lists(windows(), min_size=1, max_size=3))
    if period := draw(st.sampled_from((1, 1, 1, 1, 2, 3, 7, 0))):
        data["days_repeat_period"] = period
    optional: dict[str, st.SearchStrategy[Any]] = {
        "weeks_period": st.sampled_from((2, 3)),
        "week_days": st.lists(st.integers(1, 7), min_size=1, max_size=6, unique=True).map(sorted),
        "months": st.lists(st.integers(1, 12), min_size=3, max_size=11, unique=True).map(sorted),
        "day_in_month": st.sampled_from((1, 5, 28, 29, 31, -1, -2, -31)),
        "week_day_in_month": st.sampled_from((1, 2, 5, -1, -5)),
        "begin_date": st.sampled_from(DATES).map(date.isoformat),
        "start_within": st.sampled_from((0, 60, 1000, 100_000)),
    }
    for key, values in optional.items():
        if draw(st.integers(0, 4)) == 0:
            data[key] = draw(values)
    if draw(st.integers(0, 5)) == 0:
        begin = date.fromisoformat(data["begin_date"]) if "begin_date" in data else draw(st.sampled_from(DATES))
        data["end_date"] = (begin + timedelta(days=draw(st.integers(0, 20)))).isoformat()
    return data


crons = st.tuples(
    st.sampled_from(("*", "0", "*/20", "5,35", "0-10/5", "30", "*/7")),
    st.sampled_from(("*", "0", "2", "1-3", "*/6", "2,14", "23", "0,23", "22-23")),
    st.sampled_from(("*", "*", "1", "29", "31", "1-7", "*/2", "13,27")),
    st.sampled_from(("*", "*", "3", "10-12", "*/2", "2,4,8")),
    st.sampled_from(("*", "*", "0", "7", "1-5", "5-7", "*/3", "0-7/2")),
).map(" ".join)
"""Expressions of numbers, ranges, lists and steps."""


@st.composite
def cron_schedules(draw: st.DrawFn) -> dict[str, Any]:
    data: dict[str, Any] = {"timezone": draw(st.sampled_from(ZONES)), "cron": draw(crons)}
    if draw(st.integers(0, 3)) == 0:
        data["completion_time"] = draw(st.sampled_from(TIMES))
    if draw(st.integers(0, 3)) == 0:
        data["start_within"] = draw(st.sampled_from((0, 60, 1000, 100_000)))
    return data


anything = st.lists(st.one_of(calendars(), calendars(), cron_schedules()), min_size=1, max_size=3)
"""Unions of everything there is, and what is no union."""

unions = st.lists(calendars(), min_size=1, max_size=3)


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    """An instant near the dates at which something happens to clocks or calendars; often a whole hour."""
    day = datetime.combine(draw(st.sampled_from(DATES)), datetime.min.time(), tzinfo=UTC)
    seconds = draw(st.one_of(st.integers(0, 95).map(lambda hours: hours * 3600), st.integers(0, 4 * 86_400)))
    return day + timedelta(seconds=seconds)
