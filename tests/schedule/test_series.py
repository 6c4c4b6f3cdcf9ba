"""The one search: it agrees with itself whichever way a day's windows are found, and with the windows it passes."""

from __future__ import annotations

import copy
from datetime import datetime
from itertools import islice
from typing import Any

from hypothesis import given

from rota.schedule import Occurrence, Schedule
from rota.schedule.instants import floor
from rota.schedule.occurrence import Window
from rota.schedule.series import Series
from tests.schedule.drawn import calendars, instants, steady


def drawn_series(data: dict[str, Any], since: datetime) -> list[Series]:
    """The series of a calendar; those with a pause in place of a period are like others here."""
    [member] = Schedule.parse(data).members
    return list(member.place(floor(since)))


def without_ordinary_days(series: Series) -> Series:
    """The same series, which takes each day for one near a clock change and works its windows out anew."""
    daily = copy.copy(series.daily)
    object.__setattr__(daily, "reach", 2**62)
    return Series(daily, series.days, series.anchor)


def following(series: Series, after: int, count: int) -> list[Occurrence]:
    found: list[Occurrence] = []
    while len(found) < count and (occurrence := series.next(after)) is not None:
        found.append(occurrence)
        after = floor(occurrence.start)
    return found


@steady
@given(calendars(), instants())
def test_an_ordinary_day_is_like_one_that_is_worked_out(data: dict[str, Any], since: datetime) -> None:
    for series in drawn_series(data, since):
        slow = without_ordinary_days(series)
        assert following(series, floor(since), 20) == following(slow, floor(since), 20)
        windows: list[Window] = list(islice(series.windows(floor(since)), 5))
        assert [(each.base, [*each.offsets], each.last, each.stop) for each in windows] == [
            (each.base, [*each.offsets], each.last, each.stop) for each in islice(slow.windows(floor(since)), 5)
        ]


@steady
@given(calendars(), instants())
def test_the_search_finds_every_start_of_the_windows(data: dict[str, Any], since: datetime) -> None:
    after = floor(since)
    for series in drawn_series(data, since):
        starts = (
            series.occurrence(window, window.base + offset)
            for window in series.windows(after)
            for offset in window.offsets
            if window.base + offset > after
        )
        assert following(series, after, 20) == list(islice(starts, 20))


def test_a_cron_expression_is_searched_like_a_calendar() -> None:
    [cron] = Schedule.parse("*/5 9-17 * * *", timezone="Europe/Berlin").members
    [calendar] = Schedule.parse(
        {"days_repeat_period": 1, "begin_time": "09:00", "end_time": "17:55", "repeat_period_in_day": 300},
        timezone="Europe/Berlin",
    ).members
    after = floor(datetime.fromisoformat("2026-03-28T12:00:00+01:00"))
    [by_expression], [by_calendar] = cron.place(after), calendar.place(after)
    ours, theirs = (following(series, after, 300) for series in (by_expression, by_calendar))
    assert [each.start for each in ours] == [each.start for each in theirs]
