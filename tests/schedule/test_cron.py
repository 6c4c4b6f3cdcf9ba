"""Cron expressions: what cronsim says, in order, on days with and without a clock change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import strategies as st

from rota.schedule import Occurrence, Schedule, ScheduleError
from rota.schedule.cron import NAMES, cron_expression
from tests.schedule.cron_oracle import CronOracle
from tests.schedule.drawn import cron_schedules, instants, parsed, steady
from tests.schedule.oracle import Expected


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(data: Any, after: str, count: int, zone: str = "UTC") -> list[str]:
    """The next starts on the wall clock of the zone."""
    found = Schedule.parse(data, timezone=zone).next_occurrences(at(after), count)
    return [f"{each.start.astimezone(ZoneInfo(zone)):%d %H:%M}" for each in found]


fields = st.tuples(
    st.sampled_from(("*", "0", "*/20", "5,35", "0-10/5", "30")),
    st.sampled_from(("*", "0", "2", "1-3", "*/6", "2,14", "23", "0,23")),
    st.sampled_from(("*", "1", "29", "31", "1-7", "*/2", "L", "LW", "13,27")),
    st.sampled_from(("*", "3", "10-12", "*/2", "JAN,DEC", "2,8")),
    st.sampled_from(("*", "0", "7", "1-5", "sun", "mon,wed", "3#2", "5L", "*/3")),
)


@steady
@given(fields, st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")), instants())
def test_matches_are_those_of_cronsim(parts: tuple[str, ...], zone: str, after: datetime) -> None:
    """cronsim is asked from a local midnight: from within a repeated hour it may go back in time.

    It passes over 02:30 where the clock jumps there from 02:00, so half-hour changes are tested below.
    """
    expression = " ".join(parts)
    midnight = after.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0)
    simulated = CronSim(expression, midnight)
    expected = [next(simulated).astimezone(UTC) for _ in range(40)]
    found = Schedule.parse(expression, timezone=zone).next_occurrences(midnight, 40)
    assert [each.start for each in found] == expected


@steady
@given(fields, st.sampled_from(("Europe/Berlin", "America/Havana", "America/Nuuk", "Africa/Cairo")), instants())
def test_matches_always_increase(parts: tuple[str, ...], zone: str, after: datetime) -> None:
    found = Schedule.parse(" ".join(parts), timezone=zone).next_occurrences(after, 60)
    assert all(first.start < second.start for first, second in pairwise(found))
    assert all(each.start > after for each in found)
    assert all(each.closes_at >= each.start for each in found)


@steady
@given(cron_schedules(), instants())
def test_matches_are_those_of_the_plain_rules(data: dict[str, Any], since: datetime) -> None:
    """Also around changes of the clock that cronsim passes over, and for windows, which it does not know."""
    until = since + timedelta(days=4)
    found = [Expected(each.start, each.closes_at, each.stop_at) for each in up_to(until, parsed(data), since)]
    assert found == CronOracle(data).occurrences(since, until)


def up_to(until: datetime, schedule: Schedule, since: datetime) -> list[Occurrence]:
    """Everything from an instant on, active since then."""
    return list(takewhile(lambda each: each.start <= until, schedule.occurrences(since - timedelta(seconds=1), since)))


# Monday 1 June 2026. What Debian's cron makes of an expression, worked out by hand from its manual.
DEBIAN = [
    # Day of month and day of week: alternatives if neither field begins with a star, else both must hold.
    ("0 0 13 * 5", ["2026-06-05", "2026-06-12", "2026-06-13", "2026-06-19"]),
    ("0 0 1 * mon", ["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22", "2026-06-29", "2026-07-01"]),
    ("0 0 13 * *", ["2026-06-13", "2026-07-13"]),
    ("0 0 * * 5", ["2026-06-05", "2026-06-12"]),
    ("0 0 */2 * 5", ["2026-06-05", "2026-06-19", "2026-07-03", "2026-07-17", "2026-07-31"]),
    ("0 0 13 * */2", ["2026-06-13", "2026-08-13", "2026-09-13", "2026-10-13"]),
    ("0 0 *,13 * 5", ["2026-06-05", "2026-06-12"]),
    ("0 0 1-31 * 5", ["2026-06-01", "2026-06-02"]),
    ("0 0 13 * 0-7", ["2026-06-01", "2026-06-02"]),
    # Sunday is 0 and 7.
    ("0 0 * * 7", ["2026-06-07", "2026-06-14"]),
    ("0 0 * * 0", ["2026-06-07", "2026-06-14"]),
    ("0 0 * * SUN", ["2026-06-07", "2026-06-14"]),
    ("0 0 * * 5-7", ["2026-06-05", "2026-06-06", "2026-06-07", "2026-06-12"]),
    ("0 0 * * 0-2", ["2026-06-01", "2026-06-02", "2026-06-07", "2026-06-08"]),
    ("0 0 * * */3", ["2026-06-03", "2026-06-06", "2026-06-07", "2026-06-10"]),
    ("0 0 * * */7", ["2026-06-07", "2026-06-14"]),
    ("0 0 * * mon-wed,Fri", ["2026-06-01", "2026-06-02", "2026-06-03", "2026-06-05"]),
    # Steps begin anew in each field; ranges and lists.
    ("*/25 0 1 * *", ["2026-06-01 00:00", "2026-06-01 00:25", "2026-06-01 00:50", "2026-07-01 00:00"]),
    ("0 */7 * * *", [*(f"2026-06-01 {hour:02}:00" for hour in (0, 7, 14, 21)), "2026-06-02 00:00"]),
    ("10-30/10 8 * * *", ["2026-06-01 08:10", "2026-06-01 08:20", "2026-06-01 08:30", "2026-06-02 08:10"]),
    ("5-5 0 * * *", ["2026-06-01 00:05", "2026-06-02 00:05"]),
    ("7,7,3 0 * * *", ["2026-06-01 00:03", "2026-06-01 00:07", "2026-06-02 00:03"]),
    ("*/100 3 * * *", ["2026-06-01 03:00", "2026-06-02 03:00"]),
    ("05 03 * * *", ["2026-06-01 03:05", "2026-06-02 03:05"]),
    ("0 0 1 */5 *", ["2026-06-01", "2026-11-01", "2027-01-01"]),
    ("0 0 1 jan,JUL *", ["2026-07-01", "2027-01-01"]),
    # Days that not every month has.
    ("0 0 31 * *", ["2026-07-31", "2026-08-31", "2026-10-31"]),
    ("0 0 29 2 *", ["2028-02-29", "2032-02-29"]),
    ("0 0 29 2 */7", ["2032-02-29", "2060-02-29"]),
    # Names.
    ("@yearly", ["2027-01-01", "2028-01-01"]),
    ("@annually", ["2027-01-01"]),
    ("@monthly", ["2026-06-01", "2026-07-01"]),
    ("@weekly", ["2026-06-07", "2026-06-14"]),
    ("@daily", ["2026-06-01", "2026-06-02"]),
    ("@midnight", ["2026-06-01", "2026-06-02"]),
    ("@hourly", ["2026-06-01 00:00", "2026-06-01 01:00"]),
]


class TestDebian:
    @pytest.mark.parametrize(("expression", "expected"), DEBIAN, ids=[expression for expression, _ in DEBIAN])
    def test_its_rules_hold(self, expression: str, expected: list[str]) -> None:
        since = at("2026-06-01")
        found = Schedule.parse(expression).next_occurrences(since - timedelta(seconds=1), len(expected), since)
        times = [f"{each.start:%Y-%m-%d %H:%M}" for each in found]
        assert times == [each if ":" in each else f"{each} 00:00" for each in expected]

    @pytest.mark.parametrize(
        "expression",
        [
            "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8", "-1 * * * *",
            "*/0 * * * *", "*/ * * * *", "/5 * * * *", "5-1 * * * *", "1- * * * *", "1-5-7 * * * *", "1,,2 * * * *",
            ", * * * *", "** * * * *", "+5 * * * *", "0.5 * * * *", "mon * * * *", "* * jan * *", "* * * monday *",
            "* * * mon *", "* * * * jan", "* * * * monday", "* * * * fri-sun", "* * * *", "* * * * * *", "@reboot",
        ],
    )  # fmt: skip
    def test_what_it_refuses_is_refused(self, expression: str) -> None:
        with pytest.raises(ScheduleError, match="not a cron expression"):
            Schedule.parse(expression)

    @pytest.mark.parametrize(
        ("expression", "day", "expected"),
        [
            # Clocks go forward: what names definite times runs once when the gap ends, what follows the clock does not.
            ("30 2 * * *", "2026-03-29", ["01:00"]),
            ("0,30 2 * * *", "2026-03-29", ["01:00"]),
            ("30 1-3 * * *", "2026-03-29", ["00:30", "01:00", "01:30"]),
            ("30 */2 * * *", "2026-03-29", ["23:30", *(f"{hour:02}:30" for hour in range(2, 21, 2))]),
            ("*/30 2 * * *", "2026-03-29", []),
            # Clocks go back: what names definite times runs once, what follows the clock runs in both hours.
            ("30 2 * * *", "2026-10-25", ["00:30"]),
            ("30 1-3 * * *", "2026-10-25", ["23:30", "00:30", "02:30"]),
            ("30 */2 * * *", "2026-10-25", ["22:30", "00:30", "01:30", *(f"{hour:02}:30" for hour in range(3, 22, 2))]),
            ("*/30 2 * * *", "2026-10-25", ["00:00", "00:30", "01:00", "01:30"]),
        ],
    )
    def test_where_clocks_change(self, expression: str, day: str, expected: list[str]) -> None:
        """A day in Berlin, told in UTC."""
        begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Berlin"))
        until = begin + timedelta(days=1) - timedelta(seconds=1)
        schedule = Schedule.parse(expression, timezone="Europe/Berlin")
        found = up_to(until.astimezone(UTC), schedule, begin.astimezone(UTC))
        assert [f"{each.start:%H:%M}" for each in found] == expected


class TestClockChanges:
    def test_a_definite_time_in_a_gap_stands_for_its_end(self) -> None:
        found = starts("30 2 * * *", "2026-03-28T12:00", 2, "Europe/Berlin")
        assert found == ["29 03:00", "30 02:30"]

    def test_several_of_them_are_one(self) -> None:
        found = starts("15,30,45 2 * * *", "2026-03-28T12:00", 2, "Europe/Berlin")
        assert found == ["29 03:00", "30 02:15"]

    def test_a_definite_time_that_is_shown_twice_is_the_first(self) -> None:
        found = Schedule.parse("30 2 * * *", timezone="Europe/Berlin").next_occurrences(at("2026-10-24T12:00"), 2)
        assert [each.start for each in found] == [at("2026-10-25T00:30"), at("2026-10-26T01:30")]

    def test_after_its_second_showing_the_next_is_tomorrow(self) -> None:
        found = Schedule.parse("30 2 * * *", timezone="Europe/Berlin").next_occurrences(at("2026-10-25T01:10"), 1)
        assert found[0].start == at("2026-10-26T01:30")

    def test_a_star_follows_the_clock_into_the_repeated_hour(self) -> None:
        found = Schedule.parse("*/30 2 * * *", timezone="Europe/Berlin").next_occurrences(at("2026-10-24T12:00"), 5)
        assert [f"{each.start:%H:%M}" for each in found[:4]] == ["00:00", "00:30", "01:00", "01:30"]

    def test_a_star_follows_the_clock_over_a_gap(self) -> None:
        assert starts("*/30 2 * * *", "2026-03-28T12:00", 1, "Europe/Berlin") == ["30 02:00"]

    def test_a_star_sees_the_time_that_half_an_hour_of_gap_leads_to(self) -> None:
        found = starts("30 * * * *", "2026-10-03T14:30", 3, "Australia/Lord_Howe")
        assert found == ["04 01:30", "04 02:30", "04 03:30"]

    @pytest.mark.parametrize(("after", "count"), [("2026-03-28T22:59", 23), ("2026-10-24T21:59", 25)])
    def test_hourly_is_every_hour_of_a_longer_or_shorter_day(self, after: str, count: int) -> None:
        found = Schedule.parse("@hourly", timezone="Europe/Berlin").next_occurrences(at(after), count)
        assert {second.start - first.start for first, second in pairwise(found)} == {timedelta(hours=1)}
        assert {each.closes_at for each in found} == {found[-1].start + timedelta(minutes=59, seconds=59)}

    def test_a_gap_up_to_midnight_loses_no_match(self) -> None:
        assert starts("30 23 * * *", "2026-03-28T12:00", 2, "America/Nuuk") == ["29 00:00", "29 23:30"]
        [first] = Schedule.parse("30 23 * * *", timezone="America/Nuuk").next_occurrences(at("2026-03-28T12:00"), 1)
        assert first.closes_at == first.start

    def test_a_gap_up_to_a_midnight_that_matches_too_makes_one_start(self) -> None:
        schedule = Schedule.parse("0,30 0,23 * * *", timezone="America/Nuuk")
        found = schedule.next_occurrences(at("2026-03-28T12:00"), 4)
        assert [f"{each.start:%d %H:%M}" for each in found] == ["29 01:00", "29 01:30", "30 00:00", "30 00:30"]
        assert found[0].closes_at == at("2026-03-30T00:59:59")

    def test_an_hour_repeated_around_midnight_does_not_turn_time_back(self) -> None:
        """In Newfoundland clocks went from 00:01 back to 23:01 of the day before."""
        schedule = Schedule.parse("*/20 * * * *", timezone="America/St_Johns")
        found = schedule.next_occurrences(at("2010-11-07T01:00"), 12)
        assert all(first.start < second.start for first, second in pairwise(found))

    def test_a_day_that_was_left_out_has_none(self) -> None:
        assert starts("0 9 * * *", "2011-12-29T00:00", 3, "Pacific/Apia") == ["29 09:00", "31 09:00", "01 09:00"]


class TestKeys:
    def test_a_match_closes_with_its_local_day(self) -> None:
        [first] = Schedule.parse("0 9 * * *", timezone="Europe/Berlin").next_occurrences(at("2026-06-01"), 1)
        assert (first.start, first.closes_at) == (at("2026-06-01T07:00"), at("2026-06-01T21:59:59"))
        assert (first.stop_at, first.repeat_pause, first.completion_interval) == (None, 0, None)

    def test_dates_bound_it(self) -> None:
        data = {"cron": "0 9 * * *", "begin_date": "2026-06-03", "end_date": "2026-06-04"}
        assert starts(data, "2026-06-01", 9) == ["03 09:00", "04 09:00"]

    def test_lateness_pause_and_interval_are_carried(self) -> None:
        data = {"cron": "0 9 * * *", "start_within": "10m", "repeat_pause": 60, "completion_interval": "1h"}
        [first] = Schedule.parse(data).next_occurrences(at("2026-06-01"), 1)
        assert first.closes_at == at("2026-06-01T09:10")
        assert (first.repeat_pause, first.completion_interval) == (60, 3600)

    def test_the_completion_time_is_the_first_after_each_match(self) -> None:
        data = {"cron": "0 8,12,16 * * *", "completion_time": "12:00"}
        found = Schedule.parse(data).next_occurrences(at("2026-06-01"), 3)
        assert [each.stop_at for each in found] == [at("2026-06-01T12:00"), *[at("2026-06-02T12:00")] * 2]
        assert [each.closes_at for each in found] == [at("2026-06-01T11:59:59"), *[at("2026-06-01T23:59:59")] * 2]

    def test_a_pause_does_not_repeat_it(self) -> None:
        schedule = Schedule.parse({"cron": "0 9 * * *", "repeat_pause": 60})
        begin, end = at("2026-06-01T09:00"), at("2026-06-01T09:01")
        assert not schedule.execution_required(at("2026-06-01T10:00"), begin, end)


class TestReading:
    @pytest.mark.parametrize("name", NAMES)
    def test_names_stand_for_expressions(self, name: str) -> None:
        assert Schedule.parse(name) == Schedule.parse({"cron": NAMES[name]})
        assert Schedule.parse(f" {name.upper()} ") == Schedule.parse(name)

    def test_the_canonical_form_has_single_spaces_and_capitals(self) -> None:
        assert cron_expression("  0   9 * *\tmon-fri ") == "0 9 * * MON-FRI"

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("", "five fields"),
            ("0 9 * *", "five fields"),
            ("0 0 9 * * *", "five fields"),
            ("60 9 * * *", "Bad minute"),
            ("0 24 * * *", "Bad hour"),
            ("0 9 32 * *", "Bad day-of-month"),
            ("0 9 30 2 *", "Bad day-of-month"),
            ("0 9 * 13 *", "Bad month"),
            ("0 9 * * 8", "Bad day-of-week"),
            ("0 9 * * funday", "Bad day-of-week"),
            ("*/0 * * * *", "Bad minute"),
            ("5-1 * * * *", "Bad minute"),
            (f"{'9' * 5000} * * * *", "five fields"),
            (f"{'9' * 450} * * * *", "Bad minute"),
            ("١ * * * *", "has the character ١"),
            ("@reboot", "is not one of @yearly"),
            (9, "9 is not text"),
            (["0 9 * * *"], "a list is not text"),
        ],
    )
    def test_anything_else_is_refused(self, value: Any, words: str) -> None:
        with pytest.raises(ScheduleError, match="not a cron expression") as caught:
            Schedule.parse({"cron": value})
        [problem] = caught.value.problems
        assert problem.path == ("cron",)
        assert problem.code == "schedule.bad-cron"
        assert words in problem.message

    @steady
    @given(st.lists(st.text("0123456789*/,-#LWMONJAJFRI", min_size=1, max_size=8), min_size=5, max_size=5))
    def test_whatever_the_fields_are_it_is_read_or_refused(self, parts: list[str]) -> None:
        try:
            schedule = Schedule.parse(" ".join(parts))
        except ScheduleError:
            return
        assert len(schedule.next_occurrences(at("2026-06-01"), 2)) in (0, 2)
        assert schedule.describe()
