"""Where the occurrences of a series stand at an instant: closed, open, or yet to come."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rota.schedule import Schedule
from rota.schedule.instants import floor
from rota.schedule.survey import LastRun, Starts, Survey, survey


def at(text: str) -> int:
    """A second of Monday 1 June 2026, or of another date."""
    return floor(datetime.fromisoformat(text if "-" in text else f"2026-06-01T{text}").replace(tzinfo=UTC))


def surveyed(now: str, after: str = "2026-05-31T23:59:59", run: LastRun | None = None, **data: Any) -> Survey:
    [member] = Schedule.parse({"days_repeat_period": 1, **data}).members
    [series] = member.place(at("2026-05-01T00:00"))
    return survey(series, at=at(now), after=at(after), last_run=run or LastRun())


def starts(several: list[Starts]) -> list[int]:
    return [start for each in several for start in each.each()]


def test_hourly_starts_are_closed_once_the_next_window_is_not_theirs() -> None:
    found = surveyed("10:30", begin_time="09:00", end_time="12:00", repeat_period_in_day="1h", start_within="10m")
    assert starts(found.closed) == [at("09:00"), at("10:00")]
    assert (found.open, found.upcoming and found.upcoming[0]) == ([], at("11:00"))
    assert found.next_event == found.upcoming


def test_what_is_open_comes_before_what_is_to_come() -> None:
    found = surveyed("10:30", begin_time="09:00", end_time="12:00", repeat_period_in_day="1h")
    assert (found.closed, starts(found.open)) == ([], [at("09:00"), at("10:00")])
    assert found.next_event is not None
    assert found.next_event[0] == at("09:00")


def test_days_that_are_over_are_closed() -> None:
    found = surveyed("2026-06-03T08:00", begin_time="09:00", end_time="10:00")
    assert starts(found.closed) == [at("09:00"), at("2026-06-02T09:00")]
    assert found.upcoming is not None
    assert found.upcoming[0] == at("2026-06-03T09:00")


def test_what_was_dealt_with_counts_no_more() -> None:
    found = surveyed("10:30", "10:00", begin_time="09:00", end_time="12:00", repeat_period_in_day="1h")
    assert (found.closed, found.open) == ([], [])
    assert found.upcoming is not None
    assert found.upcoming[0] == at("11:00")


def test_after_the_last_there_is_nothing_to_come() -> None:
    found = surveyed("2026-06-03T00:00", end_date="2026-06-02", begin_time="09:00", end_time="10:00")
    assert len(starts(found.closed)) == 2
    assert (found.upcoming, found.next_event) == (None, None)


def test_the_end_of_a_run_sets_the_next_start_where_only_a_pause_is_given() -> None:
    run = LastRun(begin=at("09:00"), end=at("09:50"))
    found = surveyed("10:30", "09:00", run, begin_time="09:00", end_time="12:00", repeat_pause="30m")
    assert starts(found.open) == [at("10:20")]
    assert found.upcoming is not None
    assert found.upcoming[0] == at("10:50")


def test_starts_know_themselves_from_both_ends() -> None:
    [hours] = surveyed("10:30", begin_time="09:00", end_time="12:00", repeat_period_in_day="1h").open
    assert (hours.first, hours.last) == (at("09:00"), at("10:00"))
    assert list(hours.each(backwards=True)) == [at("10:00"), at("09:00")]
    assert hours.has(at("09:00"))
    assert not hours.has(at("09:30"))
    assert not hours.has(at("11:00"))
