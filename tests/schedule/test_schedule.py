"""The public face: the design's table of examples, what is given and refused, equality and copies."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from typing import Any, ClassVar

import pytest

from rota import Schedule
from rota.schedule import Assessment, Occurrence, ScheduleError


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def starts(data: Any, after: str, count: int, **options: Any) -> list[str]:
    """The next starts in UTC, after one second before `after`, for a schedule active since `after`."""
    found = Schedule.parse(data, **options).next_occurrences(at(after) - timedelta(seconds=1), count, at(after))
    return [f"{each.start:%Y-%m-%d %H:%M:%S}".removesuffix(":00") for each in found]


def hours(day: str, first: int, last: int) -> list[str]:
    return [f"{day} {hour:02}:00" for hour in range(first, last + 1)]


# Monday 1 June 2026. Each line of the table of examples in the design, in its order; starts that follow the last
# one listed are not looked at, except where `None` says that there is no other.
EXAMPLES = [
    (
        "every hour, one day only",
        {"days_repeat_period": 0, "repeat_period_in_day": 3600},
        [*hours("2026-06-01", 0, 23), None],
    ),
    (
        "every day, once a day",
        {"days_repeat_period": 1, "repeat_period_in_day": 0},
        ["2026-06-01 00:00", "2026-06-02 00:00", "2026-06-03 00:00"],
    ),
    ("one day, once", {"days_repeat_period": 0}, ["2026-06-01 00:00", None]),
    (
        "every other day, once a day",
        {"days_repeat_period": 2},
        ["2026-06-01 00:00", "2026-06-03 00:00", "2026-06-05 00:00"],
    ),
    (
        "every hour from 01:00 to 07:00, every day",
        {"days_repeat_period": 1, "repeat_period_in_day": 3600, "begin_time": "01:00", "end_time": "07:00"},
        [*hours("2026-06-01", 1, 7), *hours("2026-06-02", 1, 7)],
    ),
    (
        "every Saturday and Sunday at 09:00",
        {"days_repeat_period": 1, "week_days": [6, 7], "begin_time": "09:00"},
        ["2026-06-06 09:00", "2026-06-07 09:00", "2026-06-13 09:00"],
    ),
    (
        "every day for a week, then a week off",
        {"days_repeat_period": 1, "weeks_period": 2},
        [*(f"2026-06-{day:02} 00:00" for day in (*range(1, 8), *range(15, 22))), "2026-06-29 00:00"],
    ),
    ("at 01:00 once", {"begin_time": "01:00"}, ["2026-06-01 01:00", None]),
    (
        "last day of each month at 09:00",
        {"days_repeat_period": 1, "day_in_month": -1, "begin_time": "09:00"},
        ["2026-06-30 09:00", "2026-07-31 09:00", "2026-08-31 09:00", "2026-09-30 09:00"],
    ),
    (
        "fifth of each month at 09:00",
        {"days_repeat_period": 1, "day_in_month": 5, "begin_time": "09:00"},
        ["2026-06-05 09:00", "2026-07-05 09:00", "2026-08-05 09:00"],
    ),
    (
        "second Wednesday of each month at 09:00",
        {"days_repeat_period": 1, "week_day_in_month": 2, "week_days": [3], "begin_time": "09:00"},
        ["2026-06-10 09:00", "2026-07-08 09:00", "2026-08-12 09:00"],
    ),
    (
        "nightly, 20:00 until 08:00",
        {"days_repeat_period": 1, "begin_time": "20:00", "end_time": "08:00"},
        ["2026-06-01 20:00", "2026-06-02 20:00", "2026-06-03 20:00"],
    ),
    (
        "every five minutes, but 90 s after the last one ended",
        {"days_repeat_period": 1, "repeat_period_in_day": 300, "repeat_pause": 90},
        ["2026-06-01 00:00", "2026-06-01 00:05", "2026-06-01 00:10", "2026-06-01 00:15"],
    ),
]


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*line[1:], id=line[0]) for line in EXAMPLES])
def test_the_examples_of_the_design_hold(data: dict[str, Any], expected: list[str | None]) -> None:
    wanted = [start for start in expected if start is not None]
    found = starts(data, "2026-06-01T00:00", len(expected))
    assert found == wanted


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*line[1:], id=line[0]) for line in EXAMPLES])
def test_the_examples_mean_the_same_on_any_wall_clock(data: dict[str, Any], expected: list[str | None]) -> None:
    schedule = Schedule.parse(data, timezone="Asia/Kolkata")
    midnight = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    found = schedule.next_occurrences(midnight - timedelta(seconds=1), len(expected), midnight)
    local = [f"{each.start.astimezone(midnight.tzinfo):%Y-%m-%d %H:%M}" for each in found]
    assert local == [start for start in expected if start is not None]


def test_nightly_may_start_late_until_the_morning() -> None:
    schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "20:00", "end_time": "08:00"})
    [night] = schedule.next_occurrences(at("2026-06-01T00:00"), 1)
    assert night == Occurrence(at("2026-06-01T20:00"), 12 * 3600, None, 0, None)
    assert (night.closes_at, night.stop_at) == (at("2026-06-02T08:00"), None)
    facts = {"active_since": at("2026-06-01T00:00")}
    assert schedule.execution_required(at("2026-06-02T08:00"), **facts)
    assert not schedule.execution_required(at("2026-06-02T08:00:01"), **facts)


def test_the_pause_of_the_five_minute_job_holds_a_start_back() -> None:
    schedule = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 300, "repeat_pause": 90})
    begin, end = at("2026-06-01T10:00"), at("2026-06-01T10:04")
    assert not schedule.execution_required(at("2026-06-01T10:05:29"), begin, end)
    assert schedule.execution_required(at("2026-06-01T10:05:30"), begin, end)


class TestActiveSince:
    def test_nothing_starts_before_it(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "09:00"})
        [first] = schedule.next_occurrences(at("2026-01-01T00:00"), 1, active_since=at("2026-06-01T10:00"))
        assert first.start == at("2026-06-02T09:00")

    def test_an_occurrence_at_that_very_instant_exists(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "09:00"})
        [first] = schedule.next_occurrences(at("2026-01-01T00:00"), 1, active_since=at("2026-06-01T09:00"))
        assert first.start == at("2026-06-01T09:00")

    def test_a_fraction_of_a_second_later_it_does_not(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "09:00"})
        since = at("2026-06-01T09:00:00.000001")
        [first] = schedule.next_occurrences(at("2026-01-01T00:00"), 1, active_since=since)
        assert first.start == at("2026-06-02T09:00")

    def test_it_is_the_anchor_where_there_is_no_begin_date(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 3})
        found = schedule.next_occurrences(at("2026-06-09T12:00"), 2, active_since=at("2026-06-01T12:00"))
        assert [each.start.day for each in found] == [10, 13]

    def test_the_anchor_is_a_local_date(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 2, "begin_time": "09:00"}, timezone="Asia/Tokyo")
        found = schedule.next_occurrences(at("2026-06-01T20:00"), 2)  # 2 June, 05:00 in Tokyo
        assert [each.start.day for each in found] == [2, 4]

    def test_begin_date_is_the_anchor_where_there_is_one(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 3, "begin_date": "2026-06-02"})
        found = schedule.next_occurrences(at("2026-06-03T00:00"), 2, active_since=at("2026-06-04T00:00"))
        assert [each.start.day for each in found] == [5, 8]

    def test_without_it_a_schedule_with_begin_date_is_active_since_then(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 0, "begin_date": "2026-06-02", "repeat_period_in_day": 3600})
        found = schedule.next_occurrences(at("2026-06-02T12:00"), 20)
        assert [each.start.hour for each in found] == list(range(13, 24))

    def test_without_it_execution_required_looks_at_the_local_day(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "20:00", "end_time": "08:00"})
        assert schedule.execution_required(at("2026-06-01T21:00"))
        assert not schedule.execution_required(at("2026-06-02T07:00"))

    def test_every_second_week_counts_from_the_week_of_the_anchor(self) -> None:
        data = {"days_repeat_period": 1, "weeks_period": 2, "week_days": [1]}
        assert starts(data, "2026-06-03T00:00", 2) == ["2026-06-15 00:00", "2026-06-29 00:00"]


class TestSingleDay:
    def test_it_is_the_first_day_with_an_occurrence_left(self) -> None:
        assert starts({"begin_time": "09:00"}, "2026-06-01T10:00", 3) == ["2026-06-02 09:00"]

    def test_today_counts_while_one_of_its_repeats_is_left(self) -> None:
        data = {"begin_time": "09:00", "repeat_period_in_day": "6h"}
        assert starts(data, "2026-06-01T10:00", 3) == ["2026-06-01 15:00", "2026-06-01 21:00"]

    def test_a_preview_from_just_after_the_start_is_of_the_next_day(self) -> None:
        [found] = Schedule.parse({"begin_time": "09:00"}).next_occurrences(at("2026-06-01T09:00:00.5"), 3)
        assert found.start == at("2026-06-02T09:00")

    def test_the_other_rules_choose_the_day(self) -> None:
        data = {"day_in_month": 13, "week_days": ["fri"]}
        assert starts(data, "2026-06-01T00:00", 3) == ["2026-11-13 00:00"]

    def test_begin_date_is_the_day(self) -> None:
        assert starts({"begin_date": "2026-07-01", "begin_time": "09:00"}, "2026-06-01T00:00", 3) == [
            "2026-07-01 09:00"
        ]

    def test_begin_date_is_no_day_if_the_other_rules_do_not_hold_for_it(self) -> None:
        assert starts({"begin_date": "2026-07-01", "week_days": ["mon"]}, "2026-06-01T00:00", 3) == []

    def test_a_night_that_began_yesterday_is_not_from_the_anchor_on(self) -> None:
        data = {"begin_time": "20:00", "end_time": "08:00", "repeat_period_in_day": "4h"}
        assert starts(data, "2026-06-02T01:00", 9) == [
            "2026-06-02 20:00",
            "2026-06-03 00:00",
            "2026-06-03 04:00",
            "2026-06-03 08:00",
        ]

    def test_any_of_its_windows_makes_it_the_day(self) -> None:
        data = {"detailed_daily_schedules": [{"begin_time": "09:00"}, {"begin_time": "17:00"}]}
        assert starts(data, "2026-06-01T12:00", 3) == ["2026-06-01 17:00"]


class TestInstants:
    schedule = Schedule.parse({"days_repeat_period": 1, "begin_time": "09:00"}, timezone="Europe/Berlin")

    def test_are_given_in_utc(self) -> None:
        [found] = self.schedule.next_occurrences(at("2026-06-01T00:00"), 1)
        assert found.start.tzinfo is UTC
        assert found.closes_at.tzinfo is UTC

    def test_may_come_in_any_zone(self) -> None:
        tokyo = datetime(2026, 6, 1, 16, 0, tzinfo=timezone(timedelta(hours=9)))
        assert self.schedule.next_occurrences(tokyo, 1)[0].start == at("2026-06-02T07:00")
        assert self.schedule.execution_required(tokyo)

    def test_naive_ones_are_refused(self) -> None:
        naive, aware = datetime(2026, 6, 1), at("2026-06-01T00:00")  # noqa: DTZ001  # naive on purpose
        calls: list[Callable[[], object]] = [
            lambda: self.schedule.next_occurrences(naive, 1),
            lambda: self.schedule.next_occurrences(aware, 1, naive),
            lambda: self.schedule.execution_required(naive),
            lambda: self.schedule.execution_required(aware, naive),
            lambda: self.schedule.execution_required(aware, aware, naive),
            lambda: self.schedule.assess(naive, active_since=aware),
            lambda: self.schedule.assess(aware, active_since=naive),
            lambda: self.schedule.assess(aware, active_since=aware, considered=naive),
            lambda: self.schedule.assess(aware, active_since=aware, last_end=naive),
            lambda: self.schedule.assess(naive, active_since=aware, last_end=aware),
        ]
        for call in calls:
            with pytest.raises(ValueError, match="no time zone"):
                call()

    @pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
    @pytest.mark.parametrize("edge", [date.min, date.max])
    def test_at_the_ends_of_the_calendar_do_no_harm(self, zone: str, edge: date) -> None:
        instant = datetime.combine(edge, time.max if edge == date.max else time.min, tzinfo=UTC)
        window = {
            "begin_time": "23:59:59",
            "end_time": "23:59:58",
            "completion_time": "23:59:57",
            "repeat_pause": "36500d",
        }
        for data in (
            {"days_repeat_period": 1, **window},
            {**window, "begin_date": "9999-12-31"},
            "* * * * *",
            "@yearly",
        ):
            schedule = Schedule.parse(data, timezone=zone)
            found = list(islice(schedule.occurrences(instant), 3))
            assert len(found) in (0, 1, 3)
            assert schedule.execution_required(instant, instant, instant) in (False, True)
            assessed = schedule.assess(instant, active_since=instant, last_begin=instant, last_end=instant)
            assert isinstance(assessed, Assessment)

    def test_the_last_days_of_the_calendar_come(self) -> None:
        data = {"days_repeat_period": 1, "begin_time": "23:00", "end_time": "22:00"}
        schedule = Schedule.parse(data, timezone="Pacific/Pago_Pago")
        found = schedule.next_occurrences(at("9999-12-20T00:00"), 99)
        assert found[-1].start == at("9999-12-29T10:00")  # 28 December, 23:00 local time


class TestNeverMatching:
    @pytest.mark.parametrize(
        "data",
        [
            {"days_repeat_period": 1, "day_in_month": 31, "months": ["feb", "apr"]},
            {"days_repeat_period": 1, "day_in_month": -31, "months": [2, 4, 6, 9, 11]},
            {"days_repeat_period": 1, "day_in_month": 5, "week_day_in_month": 2},
            {"days_repeat_period": 7, "week_days": ["mon"], "begin_date": "2026-06-02"},
            {"days_repeat_period": 14, "week_days": ["mon", "wed"], "begin_date": "2026-06-02"},
            {"days_repeat_period": 1, "week_days": ["sun"], "begin_date": "2026-06-01", "end_date": "2026-06-06"},
            {"days_repeat_period": 0, "begin_date": "2026-06-01", "months": ["jul"]},
            {"days_repeat_period": 0, "begin_date": "2011-12-30", "timezone": "Pacific/Apia"},
            {"days_repeat_period": 1, "begin_date": "9999-12-31"},
            "0 0 */30 * MON#3",
            {"cron": "0 0 30 * *", "begin_date": "2027-02-01", "end_date": "2027-02-28"},
        ],
    )
    def test_is_recognised(self, data: Any) -> None:
        schedule = Schedule.parse(data)
        assert schedule.is_impossible
        assert schedule.next_occurrences(at("2026-06-01T00:00"), 1) == []
        assert "never: no day matches" in schedule.describe()
        assert schedule.warnings()[-1].code == "schedule.never"
        assessed = schedule.assess(at("2026-06-02T00:00"), active_since=at("2026-06-01T00:00"))
        assert assessed == Assessment(None, 0, None, None, None, held_by_pause=False, first_open=None)

    @pytest.mark.parametrize(
        ("data", "first"),
        [
            ({"days_repeat_period": 1, "day_in_month": 29, "months": [2], "week_days": [1]}, "2044-02-29 00:00"),
            ({"days_repeat_period": 1, "week_day_in_month": 5, "months": [2], "week_days": [7]}, "2032-02-29 00:00"),
            ("0 0 * 2 sun#5", "2032-02-29 00:00"),
            ({"days_repeat_period": 1, "week_day_in_month": -5, "day_in_month": 1, "months": [2]}, "2028-02-01 00:00"),
        ],
    )
    def test_is_not_taken_for_a_rare_day(self, data: Any, first: str) -> None:
        assert not Schedule.parse(data).is_impossible
        assert starts(data, "2026-06-01T00:00", 1) == [first]

    def test_a_union_runs_while_one_member_can(self) -> None:
        never = {"days_repeat_period": 1, "day_in_month": 30, "months": [2]}
        assert Schedule.parse([never, never]).is_impossible
        assert not Schedule.parse([never, "@daily"]).is_impossible


class TestValue:
    data: ClassVar = {"days_repeat_period": 1, "begin_time": "09:00", "timezone": "Europe/Berlin"}

    def test_schedules_with_equal_canonical_data_are_equal(self) -> None:
        same = {"days_repeat_period": 1, "begin_time": "09:00:00", "week_days": [7, 6, 5, 4, 3, 2, "mon"]}
        assert Schedule.parse(self.data) == Schedule.parse(same, timezone="Europe/Berlin")
        assert hash(Schedule.parse(self.data)) == hash(Schedule.parse(same, timezone="Europe/Berlin"))
        assert Schedule.parse(self.data) != Schedule.parse(same)

    def test_a_list_of_one_is_that_one(self) -> None:
        assert Schedule.parse([self.data]) == Schedule.parse(self.data)

    def test_it_can_be_copied_and_stored(self) -> None:
        for data in (self.data, [self.data, "@hourly"]):
            schedule = Schedule.parse(data)
            assert pickle.loads(pickle.dumps(schedule)) == schedule
            assert copy.deepcopy(schedule) == schedule

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(AttributeError):
            Schedule.parse(self.data).members = ()  # type: ignore[misc]

    def test_it_shows_what_it_is(self) -> None:
        schedule = Schedule.parse(self.data)
        assert str(schedule) == "Every day at 09:00 (Europe/Berlin)"
        assert repr(schedule) == f"Schedule.parse({schedule.to_data()!r})"

    def test_it_names_its_zones(self) -> None:
        schedule = Schedule.parse([self.data, "@hourly", self.data])
        assert schedule.timezone == "Europe/Berlin"
        assert schedule.timezones == ("Europe/Berlin", "UTC")

    def test_the_same_question_has_the_same_answer(self) -> None:
        schedule = Schedule.parse(self.data)
        questions = [at("2026-03-28T00:00") + timedelta(hours=hour) for hour in range(72)]
        answers = [schedule.next_occurrences(question, 2) for question in questions]
        again = [schedule.next_occurrences(question, 2) for question in reversed(questions)]
        assert answers == again[::-1]

    def test_no_occurrences_are_asked_for(self) -> None:
        assert Schedule.parse(self.data).next_occurrences(at("2026-06-01T00:00"), 0) == []

    def test_a_bad_schedule_is_one_error_with_all_problems(self) -> None:
        with pytest.raises(ScheduleError) as caught:
            Schedule.parse({"week_days": [8], "begin_time": "25:00"})
        assert [problem.path for problem in caught.value.problems] == [("week_days", 0), ("begin_time",)]
        assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems
