"""What was missed is counted and named, in a union once for each start; checked against plain sets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Schedule
from rota.schedule.instants import floor
from rota.schedule.missed import Missed, missed
from rota.schedule.survey import LastRun, Survey, survey
from tests.schedule.drawn import calendars, instants, steady


def surveys(data: list[dict[str, Any]], since: datetime, hours: int) -> list[Survey]:
    """Where every series of a union stands, so many hours after an instant."""
    after = floor(since)
    at = floor(since + timedelta(hours=hours))
    placed = [series for member in Schedule.parse(data).members for series in member.place(after)]
    return [survey(series, at=at, after=after, last_run=LastRun()) for series in placed]


@steady
@given(st.lists(calendars(), min_size=1, max_size=3), instants(), st.integers(1, 100))
def test_each_start_counts_once_and_not_while_it_is_open_elsewhere(
    data: list[dict[str, Any]], since: datetime, hours: int
) -> None:
    parts = surveys(data, since, hours)
    closed = {start for part in parts for starts in part.closed for start in starts.each()}
    closed -= {start for part in parts for starts in part.open for start in starts.each()}
    found = missed(parts)
    assert found.number == len(closed)
    ends = [each and floor(each.start) for each in (found.first, found.last)]
    assert ends == ([min(closed), max(closed)] if closed else [None, None])


def test_where_nothing_closed_nothing_was_missed() -> None:
    assert missed([]) == Missed(0, None, None)
