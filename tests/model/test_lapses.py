"""Overrides that end by themselves, in a job that stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from rota.model.definition import Definition
from rota.model.lapses import foreseen, lapsed
from rota.model.scheduled_job import Override, ScheduledJob
from rota.model.timing import timing_from
from rota.schedule import Schedule

NOW = datetime(2026, 5, 4, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURLY = Schedule.parse({"days_repeat_period": 1, "repeat_period_in_day": 3600})
DAILY = Schedule.parse({"days_repeat_period": 1, "begin_time": "06:00"})


def override(value: Any, until: datetime | None = None) -> Override:
    return Override(value=value, by="ann", at=NOW - HOUR, until=until)


def job(**overrides: Override) -> ScheduledJob:
    definition = Definition(name="rates", method="m:f", schedule=HOURLY)
    return ScheduledJob(
        id="1",
        name="rates",
        definition="rates",
        definition_id=1,
        configuration="shop",
        predefined=True,
        configured=definition.properties,
        overrides=overrides,
        active_since=NOW - HOUR,
        considered=NOW - HOUR,
        next_start=None,
        look_at=None,
        active_job=None,
        last_job=None,
        held="a key",
        missed=2,
        unresolved=None,
        created_at=NOW - HOUR,
    )


def test_nothing_ends_before_its_time() -> None:
    for each in (job(), job(use=override(False)), job(use=override(False, NOW + HOUR))):
        assert lapsed(each, NOW) is each


def test_it_ends_at_its_very_instant_and_the_schedule_counts_from_then() -> None:
    end = NOW.replace(minute=0)
    after = lapsed(job(use=override(False, end), key=override("k")), end + 90 * HOUR)
    timing = timing_from(end, HOURLY, use=True)
    assert (list(after.overrides), after.use, after.held) == (["key"], True, None)
    assert (after.active_since, after.considered, after.next_start, after.look_at) == (
        end,
        timing.considered,
        end,
        end,
    )
    assert lapsed(job(use=override(False, end)), end).use
    assert not lapsed(job(use=override(False, end)), end - timedelta(microseconds=1)).use


def test_the_next_start_that_people_see_is_that_after_the_override() -> None:
    six, noon = NOW.replace(hour=6, minute=0) + timedelta(days=1), NOW.replace(hour=12, minute=0) + timedelta(days=1)
    off = job(use=override(False, NOW + HOUR), schedule=override(DAILY.to_data(), noon))
    assert foreseen(off).next_start == six
    assert foreseen(replace(off, overrides={"use": override(False, NOW + HOUR)})).next_start == NOW + HOUR / 2 + HOUR
    assert foreseen(replace(off, overrides={"use": override(False)})).next_start is None


def test_a_start_before_the_override_ends_is_the_next_one() -> None:
    soon = replace(job(schedule=override(DAILY.to_data(), NOW + HOUR)), next_start=NOW + HOUR / 2)
    assert foreseen(soon) is soon
    assert foreseen(replace(soon, next_start=NOW + 2 * HOUR)).next_start == NOW + HOUR + HOUR / 2


def test_what_does_not_touch_the_schedule_leaves_its_place_in_time() -> None:
    before = job(key=override("k", NOW), use=override(True, NOW))
    after = lapsed(before, NOW)
    assert after.overrides == {}
    assert (after.active_since, after.considered, after.held) == (before.active_since, before.considered, "a key")


def test_several_end_one_after_the_other() -> None:
    before = job(use=override(False, NOW), schedule=override(DAILY.to_data(), NOW + HOUR), timeout=override(5.0, NOW))
    first = lapsed(before, NOW)
    assert (list(first.overrides), first.look_at) == (["schedule"], timing_from(NOW, DAILY, use=True).look_at)
    both = lapsed(before, NOW + 2 * HOUR)
    assert both.overrides == {}
    assert both.look_at == timing_from(NOW + HOUR, HOURLY, use=True).look_at
    assert lapsed(first, NOW + 2 * HOUR) == both
