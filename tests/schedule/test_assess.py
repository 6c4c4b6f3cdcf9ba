"""What the engine asks: due, coalesced, missed, held by a pause, and when to look again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from rota.schedule import Assessment, Schedule


def at(text: str) -> datetime:
    """A time on Monday 1 June 2026, or a whole date and time."""
    return datetime.fromisoformat(text if "-" in text else f"2026-06-01T{text}").replace(tzinfo=UTC)


class Job:
    """A schedule with the history that the engine keeps for it."""

    def __init__(self, *members: Any, active_since: str = "2026-06-01T00:00") -> None:
        data = [{"days_repeat_period": 1, **each} if isinstance(each, dict) else each for each in members]
        self.schedule = Schedule.parse(data)
        self.active_since = at(active_since)
        self.history: dict[str, datetime] = {}

    def considered(self, when: str) -> Job:
        self.history["considered"] = at(when)
        return self

    def ran(self, begin: str, end: str | None) -> Job:
        self.history |= {"considered": at(begin), "last_begin": at(begin)}
        if end:
            self.history["last_end"] = at(end)
        return self

    def assess(self, when: str) -> Assessment:
        assessed = self.schedule.assess(at(when), active_since=self.active_since, **self.history)
        assert assessed.look_again is None or assessed.look_again > at(when)
        return assessed


def due(assessed: Assessment) -> datetime | None:
    return assessed.due.start if assessed.due else None


class TestDue:
    def test_from_the_start(self) -> None:
        job = Job({"begin_time": "09:00"})
        early = job.assess("08:59:59.999999")
        assert (early.due, early.missed, early.look_again) == (None, 0, at("09:00"))
        assert due(job.assess("09:00")) == at("09:00")

    def test_through_the_last_second_of_the_window(self) -> None:
        job = Job({"begin_time": "09:00", "end_time": "10:00"})
        assert due(job.assess("10:00")) == at("09:00")
        assert due(job.assess("10:00:00.999999")) == at("09:00")
        assert due(job.assess("10:00:01")) is None

    def test_then_look_again_is_the_next_start(self) -> None:
        assert Job({"begin_time": "09:00"}).assess("09:00").look_again == at("2026-06-02T09:00")

    def test_several_together_are_one_run_named_by_the_latest(self) -> None:
        assessed = Job({"repeat_period_in_day": "1h"}).assess("05:30")
        assert (due(assessed), assessed.missed, assessed.look_again) == (at("05:00"), 0, at("06:00"))

    def test_what_was_considered_is_not_due_again(self) -> None:
        job = Job({"repeat_period_in_day": "1h"}).considered("05:00")
        assert job.assess("05:59").due is None
        assert due(job.assess("06:00")) == at("06:00")

    def test_a_run_takes_what_started_up_to_its_beginning(self) -> None:
        job = Job({"repeat_period_in_day": "1h"}).ran("05:00:00.300", "05:10")
        assert job.assess("05:10").due is None

    def test_what_came_due_during_a_run_is_due_when_it_ends(self) -> None:
        job = Job({"repeat_period_in_day": "1h"}).ran("05:00", "07:20")
        assert due(job.assess("07:20")) == at("07:00")

    def test_nothing_is_due_before_the_job_was_active(self) -> None:
        assessed = Job({"begin_time": "09:00"}, active_since="2026-06-01T10:00").assess("11:00")
        assert (assessed.due, assessed.missed, assessed.look_again) == (None, 0, at("2026-06-02T09:00"))

    def test_after_the_last_occurrence_there_is_nothing_to_look_for(self) -> None:
        job = Job({"begin_time": "09:00", "end_date": "2026-06-01"})
        assert job.assess("09:00").look_again is None
        assert job.considered("09:00").assess("2026-06-03T00:00") == Assessment(None, 0, None, None, None, False, None)


class TestSharing:
    """Many jobs that stand at the same point are assessed once."""

    def test_jobs_with_equal_schedules_share_the_answer(self) -> None:
        one, another = (Job({"begin_time": "09:00"}) for _ in range(2))
        assert one.assess("09:00:00.5") is another.assess("09:00:00.5")
        assert one.assess("09:00:00.5") is not another.assess("09:00:00.6")

    def test_whenever_their_last_runs_ended(self) -> None:
        one, another = (Job({"repeat_period_in_day": "1h"}).ran("05:00", end) for end in ("05:01", "05:02"))
        assert one.assess("06:00") is another.assess("06:00")

    @pytest.mark.parametrize(
        "data",
        [
            {"repeat_period_in_day": "1h", "repeat_pause": "58m30s"},
            {"detailed_daily_schedules": [{"repeat_period_in_day": "1h", "repeat_pause": "58m30s"}]},
            {"cron": "0 * * * *", "repeat_pause": "58m30s"},
        ],
    )
    def test_unless_a_pause_counts_from_there(self, data: dict[str, Any]) -> None:
        data = data if "cron" in data else {"days_repeat_period": 1, **data}
        schedule = Schedule.parse(data)
        ended = {
            end: schedule.assess(
                at("06:00"), active_since=at("00:00"), considered=at("05:00"), last_begin=at("05:00"), last_end=at(end)
            )
            for end in ("05:01", "05:02")
        }
        assert [due(each) for each in ended.values()] == [at("06:00"), None]


class TestMissed:
    def test_one_whose_window_closed(self) -> None:
        assessed = Job({"begin_time": "09:00", "end_time": "10:00"}).assess("10:00:01")
        assert assessed.missed == 1
        assert assessed.first_missed == assessed.last_missed
        assert assessed.first_missed is not None
        assert assessed.first_missed.start == at("09:00")

    def test_an_outage_of_days_beside_what_is_due_today(self) -> None:
        assessed = Job({"begin_time": "09:00"}).assess("2026-06-05T12:00")
        assert assessed.missed == 4
        assert assessed.first_missed is not None
        assert assessed.last_missed is not None
        assert (assessed.first_missed.start, assessed.last_missed.start) == (at("09:00"), at("2026-06-04T09:00"))
        assert due(assessed) == at("2026-06-05T09:00")

    def test_start_within_closes_one_by_one(self) -> None:
        job = Job({"repeat_period_in_day": "1m", "start_within": "90s"}).considered("00:00")
        assert job.assess("00:10:30").missed == 8
        assessed = job.assess("00:10:31")
        assert assessed.missed == 9  # 00:01 to 00:09
        assert due(assessed) == at("00:10")

    @pytest.mark.parametrize(
        ("members", "expected"),
        [
            ([{"repeat_period_in_day": 1}], 3652 * 86_400),
            ([{"repeat_period_in_day": 1}, {"repeat_period_in_day": 7}], 3652 * 86_400),
            ([{"repeat_period_in_day": 2}, {"repeat_period_in_day": 3}], 3652 * 57_600),
            ([{"repeat_period_in_day": 60}, "*/5 * * * *", "@hourly"], 3652 * 1440),
            (["* * * * *"], 3652 * 1440),
            ([{"begin_time": "09:00"}, "0 9,17 * * *"], 3652 * 2),
        ],
    )
    def test_ten_years_are_counted_and_not_walked(self, members: list[Any], expected: int) -> None:
        assessed = Job(*members, active_since="2016-06-01T00:00").assess("2026-06-01T00:00")
        assert assessed.missed == expected
        assert assessed.first_missed is not None
        assert assessed.first_missed.start.date().isoformat() == "2016-06-01"

    def test_a_start_that_another_member_keeps_open_is_not_missed(self) -> None:
        brief, patient = {"begin_time": "09:00", "start_within": 60}, {"begin_time": "09:00"}
        assessed = Job(brief, patient).assess("09:30")
        assert (due(assessed), assessed.missed) == (at("09:00"), 0)

    def test_of_equal_starts_the_one_that_closes_last_is_due(self) -> None:
        brief, patient = {"begin_time": "09:00", "end_time": "10:00"}, {"begin_time": "09:00", "end_time": "17:00"}
        for members in ((brief, patient), (patient, brief)):
            assessed = Job(*members).assess("09:30")
            assert assessed.due is not None
            assert assessed.due.closes_at == at("17:00")

    def test_the_ends_pass_over_starts_that_are_still_open(self) -> None:
        brief = {"repeat_period_in_day": "1h", "start_within": 60}
        assessed = Job(brief, "0 0,1,4 * * *").assess("04:30")
        assert assessed.missed == 2
        assert assessed.first_missed is not None
        assert assessed.last_missed is not None
        assert (assessed.first_missed.start, assessed.last_missed.start) == (at("02:00"), at("03:00"))


class TestPause:
    def test_it_holds_an_open_occurrence_back(self) -> None:
        job = Job({"repeat_period_in_day": "5m", "repeat_pause": "90s"}).ran("10:00", "10:04:10")
        held = job.assess("10:05")
        assert (held.due, held.held_by_pause, held.look_again) == (None, True, at("10:05:40"))
        assert due(job.assess("10:05:40")) == at("10:05")

    def test_before_the_start_it_is_already_known_when_it_ends(self) -> None:
        job = Job({"repeat_period_in_day": "5m", "repeat_pause": "90s"}).ran("10:00", "10:04:10")
        quiet = job.assess("10:04:10")
        assert (quiet.due, quiet.held_by_pause, quiet.look_again) == (None, False, at("10:05:40"))

    def test_it_counts_fractions_of_a_second(self) -> None:
        job = Job({"repeat_period_in_day": "5m", "repeat_pause": "90s"}).ran("10:00", "10:04:10.25")
        assert job.assess("10:05:40.249999").due is None
        assert due(job.assess("10:05:40.25")) == at("10:05")
        assert job.assess("10:05").look_again == at("10:05:40.25")

    def test_one_that_outlives_the_window_makes_it_missed(self) -> None:
        job = Job({"begin_time": "10:00", "end_time": "10:30", "repeat_pause": "1h", "repeat_period_in_day": "10m"})
        held = job.ran("10:00", "10:05").assess("10:10")
        assert (held.held_by_pause, held.look_again) == (True, at("10:30:01"))
        late = job.assess("10:30:01")
        assert (late.due, late.missed, late.held_by_pause) == (None, 3, False)

    def test_without_a_run_there_is_none(self) -> None:
        assert due(Job({"repeat_period_in_day": "5m", "repeat_pause": "90s"}).assess("10:07")) == at("10:05")

    def test_each_member_keeps_its_own(self) -> None:
        job = Job({"begin_time": "10:00", "repeat_pause": "1h"}, {"begin_time": "10:05"}).ran("09:59", "10:01")
        assert due(job.assess("10:05")) == at("10:05")
        assert job.assess("10:04").held_by_pause

    def test_a_free_member_starts_though_a_later_one_is_held(self) -> None:
        job = Job({"begin_time": "10:00"}, {"begin_time": "10:05", "repeat_pause": "1h"}).ran("09:59", "10:01")
        assessed = job.assess("10:06")
        assert due(assessed) == at("10:00")
        assert not assessed.held_by_pause

    def test_one_of_a_hundred_years_is_beyond_every_window(self) -> None:
        job = Job({"repeat_period_in_day": "1h", "repeat_pause": "36500d"}).ran("10:00", "10:01")
        assert job.assess("10:02").look_again == at("2026-06-02T00:00")


class TestPauseAlone:
    """A pause without a period: the next occurrence follows the end of the run."""

    window: ClassVar = {"begin_time": "09:00", "end_time": "17:00", "repeat_pause": 60}

    def test_the_first_is_the_opening(self) -> None:
        assert due(Job(self.window).assess("09:00")) == at("09:00")

    def test_the_next_is_due_a_pause_after_the_run_ended(self) -> None:
        job = Job(self.window).ran("09:00:00.4", "09:10:30")
        waiting = job.assess("09:10:30")
        assert (waiting.due, waiting.missed, waiting.look_again) == (None, 0, at("09:11:30"))
        assert job.assess("09:11:29.999").due is None
        assert due(job.assess("09:11:30")) == at("09:11:30")

    def test_fractions_of_a_second_count(self) -> None:
        job = Job(self.window).ran("09:00", "09:10:30.5")
        assert job.assess("09:10:31").look_again == at("09:11:30.5")
        assert job.assess("09:11:30.4").due is None
        assert due(job.assess("09:11:30.5")) == at("09:11:30")

    def test_execution_required_agrees(self) -> None:
        schedule = Schedule.parse({"days_repeat_period": 1, **self.window})
        begin, end = at("09:00"), at("09:10:30")
        assert not schedule.execution_required(at("09:11:29"), begin, end)
        assert schedule.execution_required(at("09:11:30"), begin, end)
        assert schedule.execution_required(at("16:59"), begin, end)
        assert not schedule.execution_required(at("17:00:01"), begin, end)

    def test_as_long_as_the_window_is_open(self) -> None:
        job = Job(self.window).ran("16:50", "16:59")
        assert due(job.assess("17:00")) == at("17:00")
        job = Job(self.window).ran("16:50", "16:59:01")
        assert job.assess("16:59:30").look_again == at("2026-06-02T09:00")

    def test_no_later_than_start_within_after_that(self) -> None:
        job = Job({**self.window, "repeat_pause": "10m", "start_within": "30s"}).ran("09:00", "09:02")
        assert due(job.assess("09:12:30")) == at("09:12")
        late = job.assess("09:12:31")
        assert (late.due, late.missed, late.look_again) == (None, 1, at("09:22"))

    def test_after_an_outage_one_start_makes_up_for_all(self) -> None:
        job = Job(self.window).ran("09:00", "09:01")
        assessed = job.assess("12:00")
        assert (due(assessed), assessed.missed) == (at("12:00"), 0)

    def test_a_run_of_yesterday_does_not_move_the_opening(self) -> None:
        job = Job(self.window).ran("16:00", "2026-06-02T09:30")
        held = job.assess("2026-06-02T09:30")
        assert (held.due, held.held_by_pause, held.look_again) == (None, True, at("2026-06-02T09:31"))
        assert due(job.assess("2026-06-02T09:31")) == at("2026-06-02T09:31")

    def test_deployed_within_its_window_it_begins_at_once(self) -> None:
        assessed = Job(self.window, active_since="2026-06-01T10:00").assess("10:00")
        assert due(assessed) == at("10:00")

    def test_completion_ends_it(self) -> None:
        job = Job({**self.window, "completion_time": "12:00"}).ran("11:00", "11:58:59")
        assert due(job.assess("11:59:59")) == at("11:59:59")
        job = Job({**self.window, "completion_time": "12:00"}).ran("11:00", "11:59")
        assert job.assess("11:59:59").look_again == at("2026-06-02T09:00")


def test_an_engine_that_follows_look_again_starts_every_occurrence_once() -> None:
    """The whole day of a job of twelve-minute runs, woken by nothing but what `assess` says."""
    job = Job({"begin_time": "08:00", "end_time": "12:00", "repeat_period_in_day": "10m", "repeat_pause": "3m"})
    now, begins, wakeups = at("00:00"), [], 0
    while now < at("2026-06-01T23:00"):
        wakeups += 1
        assessed = job.schedule.assess(now, active_since=job.active_since, **job.history)
        assert assessed.missed == 0
        if assessed.due is not None:
            begins.append(now)
            job.history = {"considered": now, "last_begin": now, "last_end": now + timedelta(minutes=12)}
            now = job.history["last_end"]
        else:
            assert assessed.look_again is not None
            now = assessed.look_again
    assert begins[:3] == [at("08:00"), at("08:15"), at("08:30")]
    assert begins[-1] == at("12:00")
    assert len(begins) == 17
    assert wakeups <= 2 * len(begins) + 2
