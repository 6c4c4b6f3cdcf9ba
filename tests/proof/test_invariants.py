"""What holds for every schedule: calendars, cron expressions and unions of them, in zones whose clocks change."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Occurrence
from tests.schedule import oracle
from tests.schedule.drawn import anything, calendars, instants, parsed, steady

Members = list[dict[str, Any]]


@steady
@given(anything, instants())
def test_starts_are_strictly_increasing(members: Members, since: datetime) -> None:
    found = parsed(members).next_occurrences(since, 60, since)
    assert all(first.start < second.start for first, second in pairwise(found))
    assert all(each.start > since for each in found)


@steady
@given(anything, instants(), st.integers(0, 40))
def test_a_shorter_list_begins_a_longer_one(members: Members, since: datetime, count: int) -> None:
    schedule = parsed(members)
    assert schedule.next_occurrences(since, count, since) == schedule.next_occurrences(since, 40, since)[:count]


@steady
@given(anything, instants())
def test_any_result_is_a_place_to_go_on_from(members: Members, since: datetime) -> None:
    """Also from any instant between two results."""
    schedule = parsed(members)
    found = schedule.next_occurrences(since, 16, since)
    for index, each in enumerate(found[:12]):
        following = found[index + 1 : index + 5]
        assert schedule.next_occurrences(each.start, 4, since) == following
        if following and following[0].start - each.start > oracle.SECOND:
            assert schedule.next_occurrences(each.start + oracle.SECOND, 4, since) == following


@steady
@given(anything, instants())
def test_each_can_start_before_it_closes_and_closes_before_it_stops(members: Members, since: datetime) -> None:
    for each in parsed(members).next_occurrences(since, 60, since):
        assert each.start <= each.closes_at
        assert each.stop_at is None or each.closes_at < each.stop_at
        assert each.start.microsecond == each.closes_at.microsecond == 0


@steady
@given(calendars(), instants())
def test_none_lies_outside_its_window(data: dict[str, Any], since: datetime) -> None:
    """Each is within the window of some run day, which opens and closes as the rules alone say."""
    zone = ZoneInfo(data["timezone"])
    anchor = datetime.fromisoformat(data["begin_date"]) if "begin_date" in data else since.astimezone(zone)
    windows = data.get("detailed_daily_schedules") or [data]
    for each in parsed(data).next_occurrences(since, 30, since):
        day = each.start.astimezone(zone).date()
        spans = [
            (found[0].start, found[-1].closes_at)
            for opened in (day - oracle.DAY, day, day - 2 * oracle.DAY)
            if oracle.is_run_day(data, opened, anchor.date())
            for window in windows
            if (found := oracle.window_occurrences({}, window, zone, opened))
        ]
        assert any(begin <= each.start <= each.closes_at <= end for begin, end in spans)


@steady
@given(anything, instants(), st.integers(0, 40 * 3600))
def test_execution_required_agrees_with_next_occurrences(members: Members, since: datetime, later: int) -> None:
    """Something is to be started exactly when one of the listed occurrences, later than the last run, is open."""
    schedule = parsed(members)
    at = since + timedelta(seconds=later)
    listed = _up_to(schedule.next_occurrences(since - oracle.SECOND, 6000, since), at)
    for last_begin in (None, since + (at - since) / 2):
        waiting = [each for each in listed if last_begin is None or each.start > last_begin]
        is_open = any(at < each.closes_at + oracle.SECOND for each in waiting)
        assert schedule.execution_required(at, last_begin, active_since=since) == is_open


def _up_to(found: list[Occurrence], at: datetime) -> list[Occurrence]:
    return [each for each in found if each.start <= at]


@steady
@given(anything, instants())
def test_each_is_due_from_its_start_through_the_second_in_which_it_closes(members: Members, since: datetime) -> None:
    schedule = parsed(members)
    tick = timedelta(microseconds=1)
    for each in schedule.next_occurrences(since, 12, since):
        earlier = each.start - tick
        for at in (each.start, each.closes_at, each.closes_at + oracle.SECOND - tick):
            assert schedule.execution_required(at, earlier, active_since=since)
        assert not schedule.execution_required(each.start - tick, earlier, active_since=since)


rare = st.fixed_dictionaries(
    {"day_in_month": st.sampled_from((29, 30, 31, -29, -31)), "months": st.sampled_from(([2], [2, 4], [2, 6, 11]))},
    optional={
        "days_repeat_period": st.sampled_from((1, 2, 7, 365, 1461, 99_991, 1_000_000)),
        "weeks_period": st.sampled_from((2, 53, 10_007, 1_000_000)),
        "week_days": st.sampled_from(([1], [7], [3, 4])),
        "week_day_in_month": st.sampled_from((1, 5, -1, -5)),
        "begin_date": st.sampled_from(("2026-06-01", "1900-03-01")),
        "timezone": st.just("Europe/Berlin"),
    },
)
"""What comes every 28 years, or 40 over the turn of a century, or once in the calendar, or never."""


@steady
@given(rare, instants())
def test_what_is_rare_or_never_comes_is_found_or_given_up_soon(data: dict[str, Any], since: datetime) -> None:
    """Within a second, which is a hundred times what it takes: no search goes through days one by one."""
    begin = perf_counter()
    schedule = parsed(data)
    found = schedule.next_occurrences(since, 2, since)
    assessed = schedule.assess(since + timedelta(days=365), active_since=since)
    assert perf_counter() - begin < 1
    assert not (schedule.is_impossible and (found or assessed.due or assessed.missed))
    for each in found:
        day = each.start.astimezone(ZoneInfo(data.get("timezone", "UTC"))).date()
        assert oracle.is_run_day({**data, "weeks_period": 1, "days_repeat_period": 1}, day, day)
