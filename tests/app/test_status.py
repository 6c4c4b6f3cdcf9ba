"""The state of everything at a glance: what is late, overridden, stranded, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rota.app.context import Context
from rota.app.facade import Platform
from rota.app.status import LATE, status
from rota.testing import SettableClock, TestPlatform


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def platform(tmp_path: Path, clock: SettableClock) -> Iterator[TestPlatform]:
    """With a job at every hour, and one in a queue of its own."""
    jobs = {
        "hourly": {"method": "shop_jobs:load", "schedule": {"days_repeat_period": 1, "repeat_period_in_day": "1h"}},
        "crawl": {"method": "shop_jobs:load", "executor": "crawlers"},
    }
    with TestPlatform(tmp_path, clock) as made:
        made.apply(jobs, name="shop", modules=["shop_jobs"], executors={"crawlers": {"kind": "thread", "workers": 2}})
        yield made


def test_what_is_there(platform: TestPlatform) -> None:
    seen = status(platform._context)
    assert (seen.user, seen.engine_active, seen.nodes, seen.locks) == (None, False, [], [])
    assert [(each.name, each.revision) for each in seen.configurations] == [("shop", 1)]
    assert seen.to_data()["scheduled_jobs"] == {
        "total": 2,
        "used": 2,
        "overridden": [],
        "unresolved": [],
        "late": [],
    }


def test_an_occurrence_is_late_that_has_been_due_for_long(platform: TestPlatform, clock: SettableClock) -> None:
    next_start = platform.scheduled_jobs.get("hourly").next_start
    assert next_start is not None
    clock.set(next_start + LATE)
    assert status(platform._context).late == []
    clock.advance(timedelta(microseconds=1))
    assert [job.name for job in status(platform._context).late] == ["hourly"]
    platform.scheduled_jobs.get("hourly").set(use=False)
    assert status(platform._context).late == []


def test_overrides_are_told_until_they_end(platform: TestPlatform, clock: SettableClock) -> None:
    platform.scheduled_jobs.get("hourly").set(use=False, until=clock.now() + timedelta(hours=1))
    seen = status(platform._context).to_data()["scheduled_jobs"]
    assert (seen["used"], seen["overridden"]) == (1, ["hourly"])
    clock.advance(timedelta(hours=1))
    seen = status(platform._context).to_data()["scheduled_jobs"]
    assert (seen["used"], seen["overridden"]) == (2, [])


def test_jobs_whose_executor_is_gone_are_stranded(platform: TestPlatform) -> None:
    platform.scheduled_jobs.get("crawl").start()
    assert status(platform._context).stranded == {}
    platform.apply({"hourly": {"method": "shop_jobs:load"}}, name="shop", modules=["shop_jobs"])
    seen = status(platform._context)
    assert (seen.stranded, seen.background_jobs) == ({"shop/crawlers": 1}, {"queued": 1})


def test_a_user_sees_no_more_than_their_own(platform: TestPlatform) -> None:
    platform.scheduled_jobs.get("hourly").start()
    platform.users.add("ann")
    ann = Platform(Context(platform._context.store, platform.clock, "ann"))
    seen = status(ann._context)
    assert (seen.user, seen.configurations, seen.scheduled_jobs, seen.background_jobs) == ("ann", [], [], {})
