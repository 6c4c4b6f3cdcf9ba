"""A schedule as a trigger of a real APScheduler."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.combining import AndTrigger, OrTrigger

from rota import Schedule
from tests.support.waiting import wait_for


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


def test_a_naive_active_since_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Schedule.parse("@daily").as_trigger(datetime(2026, 6, 1))  # noqa: DTZ001 -- that is the point


@pytest.mark.parametrize(("kind", "first"), [(OrTrigger, "2026-06-01T09:00"), (AndTrigger, "2026-06-05T09:00")])
def test_it_combines_with_other_triggers(kind: Any, first: str) -> None:
    daily = Schedule.parse({"days_repeat_period": 1, "begin_time": "09:00"}).as_trigger()
    friday = Schedule.parse("0 9 * * fri").as_trigger()
    combined = pickle.loads(pickle.dumps(kind([daily, friday])))
    assert combined.get_next_fire_time(None, at("2026-06-01T00:00")) == at(first)


def test_a_schedule_without_a_start_ends_its_job() -> None:
    never = Schedule.parse({"days_repeat_period": 1, "day_in_month": 30, "months": [2]})
    assert never.as_trigger().get_next_fire_time(None, at("2026-06-01T00:00")) is None


EVERY_SECOND = {"days_repeat_period": 1, "repeat_period_in_day": 1}
ran = Event()


def note() -> None:
    """What the jobs below do: importable, so that a job store can keep it."""
    ran.set()


@pytest.fixture
def nothing_ran() -> None:
    ran.clear()


@pytest.mark.usefixtures("nothing_ran")
def test_a_background_scheduler_runs_a_job_on_it() -> None:
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start()
    try:
        trigger = Schedule.parse(EVERY_SECOND).as_trigger(datetime.now(UTC) - timedelta(days=1))
        assert scheduler.add_job(note, trigger).next_run_time is not None
        assert ran.wait(timeout=30)
    finally:
        scheduler.shutdown()


@pytest.mark.usefixtures("nothing_ran")
def test_a_blocking_scheduler_runs_a_job_on_it() -> None:
    scheduler = BlockingScheduler(timezone=UTC)

    def run() -> None:
        ran.set()
        scheduler.shutdown(wait=False)

    scheduler.add_job(run, Schedule.parse(EVERY_SECOND).as_trigger())
    thread = Thread(target=scheduler.start, daemon=True)
    thread.start()
    thread.join(timeout=30)
    assert ran.is_set()
    assert not thread.is_alive()


def test_an_asyncio_scheduler_runs_a_job_on_it() -> None:
    async def until_it_ran() -> bool:
        done = asyncio.Event()

        async def job() -> None:
            done.set()

        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(job, Schedule.parse(EVERY_SECOND).as_trigger())
        scheduler.start()
        try:
            return await asyncio.wait_for(done.wait(), timeout=30)
        finally:
            scheduler.shutdown()

    assert asyncio.run(until_it_ran())


@pytest.mark.usefixtures("nothing_ran")
def test_a_job_store_keeps_it_and_a_misfire_is_made_up_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/jobs.db"
    yearly = {"days_repeat_period": 1, "day_in_month": 1, "months": [1]}
    with running(url, paused=True) as first:
        job = first.add_job(note, Schedule.parse(yearly).as_trigger(at("2020-06-01T00:00")), misfire_grace_time=None)
        job.modify(next_run_time=at("2021-01-01T00:00"), coalesce=True)
        with running(url) as second:
            assert ran.wait(timeout=30), "the start that nobody was there for"
            wait_for(lambda: second.get_job(job.id).next_run_time > datetime.now(UTC), "the next start")
            kept = second.get_job(job.id)
    assert str(kept.trigger) == "On the 1st day of the month in January at 00:00 (UTC)"
    assert kept.trigger.active_since == at("2020-06-01T00:00")
    assert (kept.next_run_time.month, kept.next_run_time.day, kept.next_run_time.hour) == (1, 1, 0)


@contextmanager
def running(url: str, *, paused: bool = False) -> Iterator[BackgroundScheduler]:
    store = SQLAlchemyJobStore(url=url)
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    scheduler.start(paused=paused)
    try:
        yield scheduler
    finally:
        scheduler.shutdown()
