"""The platform for tests of one's own jobs: what is due runs, in the test's thread, by the test's clock."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import rota
from rota.testing import SettableClock, TestPlatform
from tests.support.shop import Shop, shop_in_this_process

MODULE = "tests.testing.test_trial"
ran: list[tuple[str, int]] = []


def note(what: str) -> str:
    ran.append((what, threading.get_ident()))
    sys.stdout.write(f"noted {what}\n")
    return what


async def note_later(what: str) -> str:
    return note(what)


def fail() -> None:
    raise ValueError("no")


def start_another(platform_number: int) -> str:
    return note(f"started by {platform_number}")


def ask_others(words: list[str], delay: float = 0.0) -> list[Any]:
    children = [rota.current_job.start(f"{MODULE}:note", [word], delay=delay) for word in words]
    rota.current_job.wait(children)
    return [child.result for child in children]


@pytest.fixture(autouse=True)
def _nothing_ran() -> None:
    ran.clear()


@pytest.fixture
def platform(rota_platform: TestPlatform) -> TestPlatform:
    rota_platform.apply(
        {
            "nightly": {
                "method": f"{MODULE}:note",
                "parameters": ["nightly"],
                "schedule": {"days_repeat_period": 1, "begin_time": "03:00"},
            },
            "saying": {"command": ["sh", "-c", "echo said"], "schedule": {"cron": "0 4 * * *"}},
        },
        modules=[MODULE],
        timezone="UTC",
    )
    return rota_platform


@pytest.mark.parametrize("executor", ["process", "thread"])
def test_methods_run_in_the_thread_of_the_test(platform: TestPlatform, executor: str) -> None:
    for method in ("note", "note_later"):
        job = platform.background_jobs.start(f"{MODULE}:{method}", [method], executor=executor)
        (done,) = platform.run_due()
        assert (done.id, done.state, done.result) == (job.id, "completed", method)
        assert [record.data for record in done.records()] == [f"noted {method}\n", method]
    assert {thread for _, thread in ran} == {threading.get_ident()}


def test_scheduled_jobs_run_when_the_clock_says_so(platform: TestPlatform, rota_clock: SettableClock) -> None:
    assert platform.clock is rota_clock
    assert platform.run_due() == []
    rota_clock.set(datetime(2026, 3, 3, 4, 0, tzinfo=UTC))
    jobs = platform.run_due()
    assert sorted(job.name for job in jobs) == ["nightly", "saying"]
    assert {job.state for job in jobs} == {"completed"}
    assert [record.data for job in jobs for record in job.records() if record.stream == "stdout"] == [
        "noted nightly\n",
        "said\n",
    ]


def test_failures_are_restarted_when_they_are_due(platform: TestPlatform, rota_clock: SettableClock) -> None:
    job = platform.background_jobs.start(f"{MODULE}:fail", retry=rota.RetryPolicy(count=1, interval=60))
    assert [each.state for each in platform.run_due()] == ["waiting"]
    assert platform.run_due() == []
    rota_clock.advance(60)
    assert [each.state for each in platform.run_due()] == ["failed"]
    assert str(job.refresh().error) == "ValueError: no"


def test_jobs_in_line_run_in_order(platform: TestPlatform) -> None:
    for number in range(5):
        platform.background_jobs.start(f"{MODULE}:note", [str(number)], key="k", on_conflict="wait")
    assert [job.result for job in platform.run_due()] == list("01234")


def test_a_configuration_from_files(tmp_path: Path) -> None:
    with shop_in_this_process(tmp_path, f"sqlite:///{tmp_path}/unused.db") as shop, TestPlatform(tmp_path) as platform:
        _apply_and_run(platform, shop)


def _apply_and_run(platform: TestPlatform, shop: Shop) -> None:
    platform.apply(shop.file)
    platform.background_jobs.start("shop_jobs:report", ["Anna"])
    assert [job.result for job in platform.run_due()] == ["Anna None 2"]
    shop.jobs("  broken: {}\n")
    with pytest.raises(rota.ConfigurationError):
        platform.apply(str(shop.file))


def test_transactions_of_methods(platform: TestPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def work(what: str) -> None:
        with rota.current_job.transaction() as connection:
            seen.append(connection.exec_driver_sql("SELECT count(*) FROM rota_background_job").scalar())

    monkeypatch.setitem(globals(), "note", work)
    platform.background_jobs.start(f"{MODULE}:start_another", [1])
    assert [job.state for job in platform.run_due()] == ["completed"]
    assert seen == [1]


def test_children_run_while_the_method_that_waits_for_them_stands_still(platform: TestPlatform) -> None:
    job = platform.background_jobs.start(f"{MODULE}:ask_others", [["a", "b"]])
    platform.run_due()
    assert job.refresh().result == ["a", "b"]
    assert {thread for _, thread in ran} == {threading.get_ident()}
    late = platform.background_jobs.start(f"{MODULE}:ask_others", [["c"], 60])
    platform.run_due()
    assert "before the test moves the clock" in str(late.refresh().reason)


def test_a_wait_that_cannot_end_says_what_to_call(platform: TestPlatform) -> None:
    job = platform.background_jobs.start(f"{MODULE}:note", ["a"])
    with pytest.raises(rota.EngineNotActive, match=r"run what is due with `run_due\(\)`"):
        job.wait(timeout=1)
    platform.run_due()
    assert job.wait(timeout=1).result == "a"
