"""A schedule as a trigger of a real APScheduler."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from rota import Schedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fire_times(schedule: Schedule, now: str, count: int, active_since: datetime | None = None) -> list[datetime]:
    trigger, found, previous = schedule.as_trigger(active_since), [], None
    for _ in range(count):
        previous = trigger.get_next_fire_time(previous, at(now))
        if previous is None:
            break
        found.append(previous)
    return found


def test_it_fires_at_the_nominal_starts() -> None:
    schedule = Schedule.parse({"days_repeat_period": 2, "begin_time": "09:00"})
    assert fire_times(schedule, "2026-06-01T09:00", 2) == [at("2026-06-01T09:00"), at("2026-06-03T09:00")]
    assert fire_times(schedule, "2026-06-01T09:00:00.1", 2) == [at("2026-06-03T09:00"), at("2026-06-05T09:00")]


def test_it_counts_from_when_it_was_active() -> None:
    schedule = Schedule.parse({"days_repeat_period": 2, "begin_time": "09:00"})
    assert fire_times(schedule, "2026-06-01T00:00", 1, at("2026-05-31T00:00")) == [at("2026-06-02T09:00")]
    assert fire_times(schedule, "2026-06-01T00:00", 1, at("2026-07-01T00:00")) == [at("2026-07-01T09:00")]


def test_it_ends_with_the_schedule() -> None:
    schedule = Schedule.parse({"begin_time": "09:00"})
    assert fire_times(schedule, "2026-06-01T00:00", 5) == [at("2026-06-01T09:00")]


def test_it_keeps_its_anchor_when_a_job_store_keeps_it() -> None:
    trigger = Schedule.parse({"days_repeat_period": 2}).as_trigger()
    first = trigger.get_next_fire_time(None, at("2026-06-01T00:00"))
    kept = pickle.loads(pickle.dumps(trigger))
    assert kept.get_next_fire_time(first, at("2026-06-02T12:00")) == at("2026-06-03T00:00")
    assert str(kept) == "Every 2nd day at 00:00 (UTC)"
    assert "days_repeat_period" in repr(kept)


def test_apscheduler_runs_a_job_on_it() -> None:
    ran = Event()
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start()
    try:
        every_second = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 1})
        job = scheduler.add_job(ran.set, every_second.as_trigger(datetime.now(UTC) - timedelta(days=1)))
        assert job.next_run_time is not None
        assert ran.wait(timeout=30)
    finally:
        scheduler.shutdown()
